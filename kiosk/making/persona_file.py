"""The persona.toml of a new persona: complete, commented, and honest about what it cannot know."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import tomlkit

from kiosk.making.made import BOXES_FILE, LOOP_FILE, MadeLoop
from kiosk.persona import LoadedPersona, load_persona

PERSONA_FILE = "persona.toml"
TO_DO = "TO DO"
"""Stands in the file wherever the curator is wanted."""


@dataclass(frozen=True, slots=True)
class Person:
    """What only people know.

    Attributes:
        name: As shown on the screen.
        dates: Years of life, as shown under the name.
        consent: Who agreed to the likeness, or why nobody had to.
    """

    name: str
    dates: str
    consent: str


def write_persona(
    folder: Path, person: Person, made: MadeLoop, today: datetime.date
) -> LoadedPersona:
    """Write ``persona.toml`` for a loop in the same folder, and read it back as the kiosk would.

    Args:
        folder: Holds the loop.
        person: Whose likeness it is.
        made: The loop.
        today: Recorded with the consent.

    Raises:
        PersonaError: A name or the consent is not what the file takes (too long, for example).
    """
    name, consent = person.name.strip(), person.consent.strip()
    texts = {
        "name": name,
        "dates": person.dates.strip(),
        "consent": consent and f"{consent} (Recorded on {today.isoformat()}.)",
        "style": (
            f"You are {name}, speaking to a museum visitor. Speak warmly and plainly, in the first "
            "person, in one to three short sentences. Use only the facts given. If the facts do "
            "not say it, say that you do not know."
        ),
        "greeting_1": f"Good day. I am {name}. What would you like to know?",
        "greeting_2": "Welcome! Ask me whatever you like.",
        "who_1": f"I am {name}. The museum is still writing down what I shall tell of my life.",
        "who_2": f"{name} is my name. There will be more to tell soon.",
        "when_1": f"My dates are {person.dates.strip()}.",
        "real_1": (
            f"No. I am a likeness made by artificial intelligence, and not {name} in person. My "
            "answers are written by people at the museum."
        ),
    }
    plain = {
        "made": today.isoformat(),
        "source": re.sub(r"[^\x20-\x7e]", "?", made.source.name),
        "loop": LOOP_FILE,
        "boxes": BOXES_FILE,
        "focus_x": f"{made.focus[0]:.2f}",
        "focus_y": f"{made.focus[1]:.2f}",
    }
    values = plain | {key: tomlkit.string(text).as_string() for key, text in texts.items()}
    template = resources.files("kiosk.making").joinpath("template.toml").read_text("utf-8")
    filled = re.sub(r"@(\w+)@", lambda match: values[match[1]], template)
    path = folder / PERSONA_FILE
    path.write_text(filled, encoding="utf-8")
    return load_persona(path)
