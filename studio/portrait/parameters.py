"""What one frame of the portrait can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType


@dataclass(frozen=True)
class Pose:
    """How she holds herself. Angles in radians; positive yaw turns to the viewer's right."""

    yaw: float = -0.30
    pitch: float = 0.02
    """Positive looks down."""
    roll: float = 0.05
    torso_yaw: float = -0.50
    breath: float = 0.0
    """0 out, 1 in."""


@dataclass(frozen=True)
class Face:
    """Her expression; 0 to 1 where nothing else is said."""

    blink: float = 0.0
    gaze_x: float = 0.22
    """Radians, the eyes in the head, positive to the viewer's right; 0.22 meets the viewer's eye
    at the default yaw."""
    gaze_y: float = 0.0
    """Radians, positive up."""
    brow: float = 0.10
    """-1 lowered to 1 raised."""
    knit: float = 0.0
    smile: float = 0.52
    squint: float = 0.10


@dataclass(frozen=True)
class Mouth:
    """Shape of the mouth, every value 0 to 1; all 0 is at rest and shut."""

    jaw: float = 0.0
    """How far the jaw is dropped."""
    wide: float = 0.0
    """Corners drawn apart, as in EE."""
    round: float = 0.0
    """Lips drawn together and forward, as in OO."""
    press: float = 0.0
    """Lips pressed together, as in P B M."""
    upper: float = 0.0
    """Upper lip raised from the teeth."""
    tuck: float = 0.0
    """Lower lip under the upper teeth, as in F V."""
    tongue: float = 0.0
    """Tip of the tongue up to the teeth, as in TH L."""

    def blended(self, other: Mouth, share: float) -> Mouth:
        """This shape with `share` (0 to 1) of another."""
        return Mouth(
            **{
                field.name: getattr(self, field.name) * (1 - share)
                + getattr(other, field.name) * share
                for field in fields(self)
            }
        )


REST = Mouth()

VISEMES: Mapping[str, Mouth] = MappingProxyType(
    {
        "rest": REST,
        "P B M": Mouth(press=1.0),
        "F V": Mouth(tuck=1.0, jaw=0.12, upper=0.25),
        "AA": Mouth(jaw=0.85),
        "EH": Mouth(jaw=0.50, wide=0.45, upper=0.25),
        "EE": Mouth(jaw=0.20, wide=0.90, upper=0.45),
        "OH": Mouth(round=0.75, jaw=0.60),
        "OO": Mouth(round=1.0, jaw=0.12),
        "TH L": Mouth(jaw=0.38, tongue=1.0, wide=0.10, upper=0.20),
        "S CH": Mouth(jaw=0.06, wide=0.50, upper=0.60),
    }
)
"""The ten mouth shapes of English speech that a viewer can tell apart."""


@dataclass(frozen=True)
class Frame:
    """Everything one frame is told."""

    pose: Pose = Pose()
    face: Face = Face()
    mouth: Mouth = REST

    def saying(self, mouth: Mouth) -> Frame:
        """The same frame with another mouth; the smile gives way, or AA turns into a laugh."""
        give_way = 0.45 * mouth.jaw + 0.65 * mouth.round + 0.45 * mouth.press + 0.40 * mouth.tuck
        smile = self.face.smile * max(0.0, 1.0 - give_way)
        return replace(self, mouth=mouth, face=replace(self.face, smile=smile))
