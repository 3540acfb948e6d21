"""Text into sentences, also while it is still being written."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’)\]]*(?=\s)|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“])(?:mr|mrs|ms|dr|st|prof|rev|col|capt|no|vol|e\.g|i\.e|etc|[a-z])\.$", re.I
)
_LONGEST = 400  # a model that never ends a sentence must not keep the visitor waiting


class SentenceSplitter:
    """Aim: hand out each sentence of a stream as soon as it is complete."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """Take the next piece of text; return the sentences that it completed."""
        self._rest += piece
        done: list[str] = []
        start = 0
        for end in _END.finditer(self._rest):
            if _ABBREVIATION.search(self._rest[start : end.end()].rstrip()):
                continue
            sentence = self._rest[start : end.end()].strip()
            if sentence:
                done.append(sentence)
            start = end.end()
        self._rest = self._rest[start:]
        if len(self._rest) > _LONGEST:
            cut = self._rest.rfind(" ", 0, _LONGEST)
            cut = cut if cut > 0 else _LONGEST
            done.append(self._rest[:cut].strip())
            self._rest = self._rest[cut:]
        return [sentence for sentence in done if sentence]

    def flush(self) -> list[str]:
        """The unfinished rest, at the end of the stream."""
        rest, self._rest = self._rest.strip(), ""
        return [rest] if rest else []


def split_sentences(text: str) -> list[str]:
    """Sentences of a finished text; never an empty one."""
    splitter = SentenceSplitter()
    return [*splitter.feed(text), *splitter.flush()]
