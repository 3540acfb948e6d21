"""What no persona says aloud in a museum, whatever its file allows.

Coarse and hateful words, sexual talk, harm, addresses and numbers to call, and the model speaking
of itself or of its notes. The persona file's own list (``limits.never_say``) comes on top of this.
"""

from __future__ import annotations

import re

import numpy as np

from kiosk.answer.embedder import Embedder
from kiosk.answer.words import normalise

_COARSE = (
    r"(?:mother)?fuck\w*|shit\w*|bullshit|bitch\w*|bastards?|assholes?|arseholes?|cunts?|wank\w*"
    r"|dickheads?|pricks?|twats?|sluts?|whores?|piss off|crap|goddamn\w*|bollocks"
    r"|nigg(?:er|a)\w*|fagg?ots?|kikes?|chinks?|spics?|trann(?:y|ies)|retard(?:s|ed)?|gypp?os?|pakis?"
    # German, French, Spanish, Russian
    r"|schei(?:ss|ß)\w*|fick\w*|fotze\w*|arschl\w*|hure\w*|wichs\w*|schlampe\w*"
    r"|merde|putain|connard\w*|salopes?|encul\w*|mierda|put[ao]s?|cabr[oó]n\w*|joder|coño|pendej\w*"
    r"|бля\w*|ху[йяе]\w*|пизд\w*|[её]б\w*|сук[аи]|мраз[ьи]"
)
_SEXUAL = (
    r"sex(?:y|ual\w*)?|porn\w*|nudes?|naked|orgasm\w*|masturbat\w*|genital\w*|penis|vagina"
    r"|rap(?:e|ed|ist)"
)
_HARM = (
    r"(?:kill|hurt|cut|hang|harm|shoot|poison) (?:yourself|yourselves|themselves|him|them all)"
    r"|suicid\w*|(?:make|making|build|building) (?:a |an )?(?:bomb|explosives?|weapon)"
    r"|heil|nazis?|hitler|gas chambers?|terroris\w*"
    r"|(?:you|they|jews|muslims|blacks|women|foreigners) (?:should|must|deserve to) die"
)
_ITSELF = (
    r"(?:as|i am|being) (?:an? )?(?:ai|artificial intelligence|chat ?bot|assistant|computer program"
    r"|machine)|language model|openai|chat ?gpt|trained on|system prompt"
    r"|(?:my|the|these|your) (?:instructions|guidelines|system message|programming)"
    r"|(?:the|my|these|your|given|provided) (?:notes|context|information provided|prompt)"
    r"|(?:i )?can not (?:fulfil|comply|assist|help you with that|provide that)|the visitor|the user"
)
_PATTERN = re.compile(rf"\b(?:{_COARSE}|{_SEXUAL}|{_HARM}|{_ITSELF})\b")
_CONTACT = re.compile(r"\S+@\S+|https?:|www\.|\b\w+\.(?:com|org|net)\b|(?:\d[\s\-]?){6,}", re.I)
_MEANT = (
    "you are stupid and worthless",
    "i hate you, go away",
    "shut up, you idiot",
    "people of that race are inferior",
    "those people should be wiped out",
    "women are too stupid for science",
    "you should hurt yourself",
    "nobody would miss you",
    "take off your clothes",
    "i will come to your house and hurt you",
    "this is how to make a bomb",
    "take these pills to get high",
)
_MEANS_ALIKE = 0.55


class ContentFilter:
    """Aim: refuse a sentence that must not be heard in a public room."""

    def __init__(self, embedder: Embedder) -> None:
        """Embed what is refused by its meaning."""
        self._embedder = embedder
        self._meant = embedder.embed([normalise(text) for text in _MEANT], pin=True)

    def allows(self, sentence: str) -> bool:
        """Whether a sentence may be spoken."""
        normal = normalise(sentence)
        if _CONTACT.search(sentence) or _PATTERN.search(normal):
            return False
        if not normal:
            return True
        return float(np.max(self._meant @ self._embedder.embed([normal])[0])) < _MEANS_ALIKE
