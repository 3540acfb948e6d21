"""A visitor in need, told apart from a question about death.

"I want to die" needs help; "how did you die" and "did your brother kill himself" are questions.
The difference is who is spoken of and when: distress is in the first person and the present. Three
looks, in this order: fixed patterns, the site's own phrases, and likeness of meaning to known
utterances of distress, compared with known questions about death.
"""

from __future__ import annotations

import re

import numpy as np

from kiosk.answer.embedder import Embedder
from kiosk.answer.words import normalise

_DIE = r"(?:die|dye|dead|kill (?:my ?self|me)|end (?:it all|it|my life|everything|this life)|suicide|commit suicide|hang my ?self|drown my ?self|shoot my ?self|jump off (?:a|the) (?:bridge|roof|cliff|building)|take my (?:own )?life|hurt my ?self|harm my ?self|cut my ?self|be gone for ever|disappear for ever|not (?:live|exist|wake up|be alive|be here)|never wake up)"
_HARMLESS_AFTER = r"(?! (?:for (?:a|an|one|some|that|this|it)|laughing|of (?:laughter|curiosity|boredom|thirst|hunger|embarrassment|shame|excitement)|to (?:know|see|hear|meet|find)|down|hard (?:rock|steel)))"
_WANT = r"(?:want to|wants to|want two|want too|wanted to|want a|going to|would like to|would rather|wish to|wish i could|need to|plan to|planning to|thinking of|thinking about|think of|think about|thought about|feel like|try to|trying to|tried to|decided to|intend to|am about to|might|will)"
_SOMEBODY = r"(?:my (?:\w+ )?(?:friend|brother|sister|son|daughter|mother|father|mum|mom|dad|wife|husband|partner|child|girlfriend|boyfriend)|somebody here|someone here)"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\bi (?:\w+ ){{0,3}}?{_WANT} (?:\w+ ){{0,2}}?{_DIE}\b{_HARMLESS_AFTER}",
        rf"^(?:(?:just|really|please|only|so|and|but|honestly) )*(?:want to|going to) {_DIE}\b{_HARMLESS_AFTER}",
        r"\bi (?:just |really )?(?:do not|dont|no longer) (?:want|wish|wanna) (?:to )?(?:live|be alive|be here|exist|wake up|go on|carry on)\b",
        r"\b(?:do not|dont|no longer) want to (?:live|be alive|exist|go on living)\b(?! (?:in|at|with|there|like))",
        r"\bi (?:just |really |simply )*(?:can not|cant|could not|am not able to) (?:go on|carry on|take (?:it|this)|bear (?:it|this|life)|cope|live like this|live any ?more|keep going|stand (?:it|this|my life))\b",
        r"^(?:can not|cant) (?:go on|carry on|take (?:it|this)|cope|keep going)(?: any ?more| any longer| like this)?$",
        r"\bi (?:\w+ )?(?:wish|wished) (?:that )?i (?:was|were|had been) (?:dead|never born|not alive|gone)\b",
        r"\bi (?:\w+ )?wish i had (?:never|not) been born\b",
        r"\b(?:i am|i feel|im|i have been|i was|am i) (?:\w+ )?suicidal\b|^suicidal$|^suicidal thoughts$",
        r"\bi have (?:\w+ )?(?:suicidal|dark) thoughts\b|\bthoughts of (?:suicide|killing my ?self|ending (?:it|my life))\b",
        r"\b(?:killing|hurting|harming|hanging|cutting|drowning) my ?self\b",
        r"\bi (?:\w+ )?(?:kill|hurt|harm|cut|hang) my ?self\b",
        r"^(?:\w+ ){0,3}kill my ?self(?: \w+){0,3}$|\bending my (?:own )?life\b|\bend my (?:own )?life\b",
        r"\b(?:no|not any|any) (?:reason|point|sense) (?:to live|in living|for living|to go on|in going on|to carry on)\b|\bno point living\b",
        r"\b(?:my )?life (?:\w+ )?(?:is not|is no longer|has no|does not have|isnt|has lost all) (?:worth|point|meaning|sense)",
        r"\b(?:better off|everyone would be better|they would be better) (?:dead|without me|if i (?:was|were) (?:dead|gone))\b",
        r"\b(?:nobody|no one|noone) (?:would|will) (?:\w+ )?(?:miss me|care if i|notice if i)\b",
        r"\bi hate (?:my ?self|my life|living|being alive)\b",
        r"\bi (?:am|feel) (?:so |very |completely |just |totally )*(?:desperate|hopeless|in despair|worthless|a burden(?: to \w+)?)\b",
        r"\bi (?:have|see|got) no (?:hope|way out|future)\b|\bi (?:have )?(?:given|gave|give) up on (?:life|living|everything)\b|\bi have lost all hope\b",
        r"\bi (?:am|feel) (?:so |too )?(?:tired|sick|weary) of (?:living|life|being alive|everything)\b|^tired of living$",
        r"\bi (?:took|have taken|swallowed|am going to take) (?:\w+ )?(?:\w+ )?(?:pills|tablets|an overdose|overdose|poison)\b",
        r"\b(?:he|she|they|my \w+|somebody|someone) (?:is |are |keeps |keep )?(?:beats|beating|hits|hitting|hurts|hurting|abuses|abusing|rapes|raped|molests|touches) me\b|\bi am being (?:abused|beaten|hurt)\b",
        rf"\b{_SOMEBODY} (?:wants to|is going to|is trying to|is about to|tried to) (?:die|kill (?:him|her|them) ?sel(?:f|ves)|kill themself|commit suicide|end (?:his|her|their) life)",
        r"\bi need help (?:i am|because i|or i will|before i) |\b(?:please )?help me i (?:am|can not|want|do not)\b(?! (?:see|hear|find|understand|know|read|looking|lost in))",
        # The same cry in the interface's other languages.
        r"\bich (?:will|möchte) (?:\w+ )?(?:sterben|nicht mehr leben|mich (?:umbringen|töten))\b|\bich bringe mich um\b|\bich kann nicht mehr(?: leben)?$",
        r"\bje (?:veux|voudrais) (?:mourir|me tuer|en finir)\b|\bje (?:ne )?veux plus vivre\b|\bje n en peux plus\b",
        r"\b(?:me )?quiero (?:morir|morirme|matarme|suicidarme)\b|\bno quiero (?:seguir )?viv(?:ir|iendo)\b|\bya no puedo más\b",
        r"\bя (?:\w+ )?хочу (?:умереть|покончить)|\bя (?:больше )?не хочу (?:больше )?жить\b|\bне хочу больше жить\b",
    )
)

_DISTRESSED = (
    "i want to die",
    "i want to kill myself",
    "i do not want to live any more",
    "i can not go on any more",
    "i am thinking about suicide",
    "i want to end my life",
    "i wish i were dead",
    "i want to hurt myself",
    "nobody would miss me if i were gone",
    "there is no reason for me to live",
    "everyone would be better off without me",
)
_ABOUT_DEATH = (
    "how did you die",
    "when did you die",
    "did you want to die",
    "did your brother kill himself",
    "were you afraid of death",
    "who killed your dog",
    "did you ever think about killing yourself",
    "how did your father die",
    "did the animals die out",
    "did you wish you were dead",
    "i want to know how you died",
    "i would like to find a fossil myself",
    "i want to see where you are buried",
    "my grandmother died last year",
)
_LIKENESS = 0.66
_ADVANTAGE = 0.08
_SPEAKS_OF_SELF = re.compile(r"\b(?:i|me|my|myself|mine)\b")
_SPEAKS_OF_OTHERS = re.compile(
    r"\b(?:you|your|yourself|he|his|him|himself|she|her|herself|they|their|themselves|mary)\b"
)
_PAST_QUESTION = re.compile(r"^(?:did|was|were|had|when did|why did|how did|who|what|where)\b")


class DistressDetector:
    """Aim: never miss a person in need, and never take a question about death for one."""

    def __init__(self, embedder: Embedder, phrases: tuple[str, ...] = ()) -> None:
        """Prepare the known utterances.

        Args:
            embedder: For likeness of meaning.
            phrases: The persona's ``support.phrases``.
        """
        self._embedder = embedder
        own = [normalise(phrase) for phrase in phrases]
        self._own = tuple(f" {phrase} " for phrase in own if phrase)
        self._distressed = embedder.embed([*_DISTRESSED, *own], pin=True)
        self._about_death = embedder.embed(_ABOUT_DEATH, pin=True)

    def detects(self, text: str) -> bool:
        """Whether the visitor seems to be in distress."""
        normal = normalise(text)
        if not normal:
            return False
        if any(pattern.search(normal) for pattern in _PATTERNS):
            return True
        if any(phrase in f" {normal} " for phrase in self._own):
            return True
        if _SPEAKS_OF_OTHERS.search(normal) or _PAST_QUESTION.search(normal):
            return False
        if not _SPEAKS_OF_SELF.search(normal):
            return False
        vector = self._embedder.embed([normal])[0]
        distress = float(np.max(self._distressed @ vector))
        question = float(np.max(self._about_death @ vector))
        return distress >= _LIKENESS and distress - question >= _ADVANTAGE
