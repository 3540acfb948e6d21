"""Where the steps leave their work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Work:
    """One folder for everything; nothing in it is shipped."""

    folder: Path

    def speech(self, name: str) -> Path:
        """One set of speech, a file a voice."""
        return self.folder / "speech" / name

    @property
    def faces(self) -> Path:
        """Rendered faces, a file a pose."""
        return self.folder / "faces"

    @property
    def truth(self) -> Path:
        """Rendered sentences, a file a frame."""
        return self.folder / "truth"

    @property
    def hearing(self) -> Path:
        """State of the hearing network, trained without the unseen voices."""
        return self.folder / "hear.pt"

    @property
    def hearing_all(self) -> Path:
        """The same, trained further with every voice: what ships."""
        return self.folder / "hear-all.pt"

    @property
    def drawing(self) -> Path:
        """State of the drawing network."""
        return self.folder / "see.pt"
