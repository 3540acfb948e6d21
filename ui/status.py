"""What the kiosk says about itself: to visitors on the button, to staff in a few lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk.messages import Health, LinkState, State
from kiosk.persona.site import WEEKDAYS, OpeningHours
from ui.button import Face
from ui.loopclock import Loop
from ui.strings import Strings

FACES = {
    State.BOOTING: (Face.DISABLED, "talk_disabled"),
    State.ATTRACT: (Face.INVITING, "talk_ready"),
    State.IDLE: (Face.READY, "talk_ready"),
    State.LISTENING: (Face.LISTENING, "talk_listening"),
    State.TRANSCRIBING: (Face.THINKING, "talk_thinking"),
    State.THINKING: (Face.THINKING, "talk_thinking"),
    State.SPEAKING: (Face.SPEAKING, "talk_speaking"),
    State.FAULT: (Face.DISABLED, "talk_disabled"),
    State.CLOSED: (Face.DISABLED, "talk_closed"),
}
"""Look of the button, and key of its label, in each state."""

LOOPS = {
    State.LISTENING: Loop.LISTENING,
    State.TRANSCRIBING: Loop.THINKING,
    State.THINKING: Loop.THINKING,
}
"""What she does meanwhile; in all other states she rests or speaks."""


@dataclass
class StaffStatus:
    """What is known of the engine, for staff.

    Attributes:
        link: Whether there is an engine.
        engines: Part to name, as the engine reported them.
        fault: Why the engine is in the fault state.
        notice: Newest notice to staff.
    """

    link: LinkState = field(default_factory=lambda: LinkState(Health.BOOTING))
    engines: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    notice: str = ""

    def text(self, picture_error: str) -> str:
        """All of it, a line each."""
        lines = [f"engine: {self.link.health} {self.link.reason}".rstrip()]
        lines += [f"{part}: {name}" for part, name in self.engines.items()]
        told = "\n".join((self.fault, self.notice, picture_error))
        # Engine and window may have found the same.
        lines += dict.fromkeys(line for line in told.splitlines() if line)
        return "\n".join(lines)


def closed_text(strings: Strings, hours: OpeningHours, now: datetime) -> str:
    """What a closed kiosk says to visitors: that it is, and when it is not."""
    today: str = getattr(hours, WEEKDAYS[now.weekday()])
    if today == "closed":
        return strings["closed"]
    hours_text = today.replace("-", "–")
    return f"{strings['closed']} {strings['opening_hours'].format(hours=hours_text)}."
