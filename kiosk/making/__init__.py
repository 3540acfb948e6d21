"""A persona from what the museum has: a video or a photograph in, a persona folder out."""

from kiosk.making.draft import drafted, require_free
from kiosk.making.from_photo import loop_from_photo
from kiosk.making.from_video import loop_from_video
from kiosk.making.inspect import Inspected, inspect_joined, inspect_loop
from kiosk.making.made import Exhibit, MadeLoop, Progress
from kiosk.making.persona_file import Person, write_persona
from kiosk.making.picture import is_picture, read_picture
from kiosk.making.report import write_report

__all__ = [
    "Exhibit",
    "Inspected",
    "MadeLoop",
    "Person",
    "Progress",
    "drafted",
    "inspect_joined",
    "inspect_loop",
    "is_picture",
    "loop_from_photo",
    "loop_from_video",
    "read_picture",
    "require_free",
    "write_persona",
    "write_report",
]
