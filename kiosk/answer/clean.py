"""A language model's sentences made fit for speech: no markup, no stage directions, no roles."""

from __future__ import annotations

import re
import unicodedata

_STAGE = re.compile(
    r"\*[^*\n]{1,80}\*(?!\*)|\([^()\n]{1,80}\)|\[[^\[\]\n]{0,120}\]|<[^<>\n]{0,120}>"
)
_EMPHASIS = re.compile(r"(?<=\w )[*_](\w+)[*_](?= \w)")
_BOLD = re.compile(r"\*\*(.+?)\*\*|__(.+?)__")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)|https?://\S+|www\.\S+")
_LIST_MARK = re.compile(r"^\s*(?:[-•–>#]+|\d{1,2}[.)])\s+")
_MARKUP = re.compile(r"[*_`#~|^{}<>\[\]\\]+")
_LOOSE_STOP = re.compile(r"\s+(?=[.,;:!?…])")
_ROLE = re.compile(
    r"^\s*(?:assistant|system|ai|answer|bot|persona|response|narrator)\s*:\s*", re.IGNORECASE
)
_OTHER_SPEAKER = re.compile(
    r"^\s*(?:user|visitor|human|guest|question|child|you|interviewer)\s*:", re.IGNORECASE
)
_SPACE = re.compile(r"\s+")
_SPEECH = re.compile(r"\w")


def opens_other_turn(sentence: str) -> bool:
    """Whether the model has begun to write the visitor's part: the reply ends before it."""
    return _OTHER_SPEAKER.match(sentence) is not None


def clean_sentence(sentence: str, name: str = "") -> str:
    """A sentence as it may be spoken; empty if nothing of it is speech.

    Args:
        sentence: From the model.
        name: The persona's name, which some models write before their lines.
    """
    text = _LINK.sub(lambda link: link[1] or "", sentence)
    text = _BOLD.sub(lambda bold: bold[1] or bold[2], text)
    text = _EMPHASIS.sub(r"\1", text)
    text = _STAGE.sub(" ", text)
    text = _LIST_MARK.sub("", text)
    text = _ROLE.sub("", text)
    if name:
        text = re.sub(rf"^\s*{re.escape(name)}\s*:\s*", "", text, flags=re.IGNORECASE)
    text = _MARKUP.sub(" ", text)
    text = "".join(c if _speakable(c) else " " for c in text)
    text = _LOOSE_STOP.sub("", _SPACE.sub(" ", text)).strip().strip('"“”').strip()
    return text if _SPEECH.search(text) else ""


def _speakable(character: str) -> bool:
    """No emoji, control characters, private use or unassigned."""
    category = unicodedata.category(character)
    return not (category[0] == "C" or category in {"So", "Sk", "Cs"} or character == "\ufe0f")
