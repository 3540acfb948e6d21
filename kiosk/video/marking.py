"""The mark in a film's metadata by which programs see that it is no recording.

Two places: the MP4 comment, which every player shows, and an XMP packet with IPTC's
DigitalSourceType, which is what agencies, archives and search engines read. The packet is a
top-level ``uuid`` box behind everything else, so that nothing in the film has to move. A signature
(C2PA) would need a certificate of the museum's own and is not made.

Sources: ISO/IEC 14496-12 (boxes); Adobe XMP Specification Part 3, 1.1.4 (the box's name); IPTC
NewsCodes "Digital Source Type".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from kiosk import __version__

COMMENT = "AI-generated"
"""The MP4 comment of every film."""

GENERATOR = f"persona-kiosk {__version__}"
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"

_XMP_BOX = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")
_LARGEST_PACKET = 2**20  # a reader shall not be made to load a film as text

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    xmp:CreatorTool={generator}
    Iptc4xmpExt:DigitalSourceType={source_type}>{title}{description}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""
_TEXT = """
   <dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></dc:{name}>"""


@dataclass(frozen=True, slots=True)
class Marking:
    """Attributes:
    persona: Who is shown; empty if nobody in particular.
    notice: The sentence that tells people what they see; empty for none.
    """

    persona: str = ""
    notice: str = ""

    def packet(self) -> bytes:
        """The XMP packet, UTF-8."""
        text = _PACKET.format(
            generator=quoteattr(GENERATOR),
            source_type=quoteattr(SOURCE_TYPE),
            title=_text("title", self.persona),
            description=_text("description", self.notice),
        )
        return text.encode("utf-8")


def _text(name: str, text: str) -> str:
    return _TEXT.format(name=name, text=escape(text)) if text else ""


def append_xmp(path: Path, packet: bytes) -> None:
    """Add a packet to a finished MP4 file.

    Raises:
        OSError: The file cannot be written.
    """
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(_XMP_BOX) + len(packet), b"uuid"))
        file.write(_XMP_BOX + packet)


def read_xmp(path: Path) -> str:
    """The XMP packet of an MP4 file; empty if there is none.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        for kind, size in _boxes(file):
            if kind != b"uuid" or not len(_XMP_BOX) <= size <= _LARGEST_PACKET:
                continue
            body = file.read(size)
            if body.startswith(_XMP_BOX):
                return body[len(_XMP_BOX) :].decode("utf-8", "replace")
    return ""


def _boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Kind and body's size of each top-level box; the file stands at its body."""
    file_size = file.seek(0, 2)
    at = 0
    while at + 8 <= file_size:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:  # the size follows in 64 bits
            header = 16
            size = int.from_bytes(file.read(8), "big")
        elif size == 0:  # up to the end of the file
            size = file_size - at
        if size < header:
            return  # no box: the file is damaged from here on
        yield kind, size - header
        at += size
