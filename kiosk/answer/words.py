"""Words of a question: normal form, stems, a phonetic key and the kind of question.

Aimed at what speech recognition makes of English questions; other languages pass through with their
letters intact and simply have no question kind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum

LONGEST_QUESTION = 500
"""Characters of a question that count."""

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "`": "'", "\u00b4": "'"})
_CONTRACTIONS = (
    (re.compile(r"\bcan't\b|\bcannot\b|\bcan ?not\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\blet's\b"), "let us"),
    (re.compile(r"\b(what|who|where|when|how|why|that|it|there|she|he)'s\b"), r"\1 is"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"'s\b|s'(?=\s|$)"), "s"),
    (re.compile(r"\bgonna\b"), "going to"),
    (re.compile(r"\bwanna\b"), "want to"),
    (re.compile(r"\bgotta\b"), "got to"),
)
_AMERICAN = (
    (re.compile(r"\b(col|fav|neighb|hon|lab|hum|harb|rum|flav|behavi)or"), r"\1our"),
    (re.compile(r"\b(cent|theat|met)er(s?)\b"), r"\1re\2"),
    (re.compile(r"(?<=[a-z]{3}i)z(?=(?:e|ed|es|ing|ation)\b)"), "s"),
    (re.compile(r"\bgray(?=\b|e|ish)"), "grey"),
    (re.compile(r"\bpaleo"), "palaeo"),
    (re.compile(r"\btravel(?=ed\b|ing\b|er)"), "travell"),
    (re.compile(r"\bjewelry\b"), "jewellery"),
)
"""American spellings, written as a British file writes them."""
_NOT_WORD = re.compile(r"[^\w]+|_+")

_STOP = """
a an the of to in on at by for from with as and or but so if then than that this these those
    it its is are was were be been being am do does did done have has had having will would shall
    should can could may might must i me my mine we us our you your yours he him his she her hers
    they them their there here what which who whom whose when where why how not no yes please tell
    about say know ever really very just some any much many more most also too again oh um uh er
    well okay ok hey s t d m re ve ll want would like could explain give get got go went make made
    thing things something anything someone anyone exactly actually true think thought"""
STOP_WORDS = frozenset(_STOP.split())


class Kind(StrEnum):
    """What a question asks for, as far as its question word tells."""

    WHO = "who"
    WHEN = "when"
    WHERE = "where"
    WHY = "why"
    HOW = "how"
    HOW_OLD = "how old"
    HOW_MUCH = "how much"
    WHAT = "what"
    OPEN = "open"  # tell me about ...; yes-or-no questions; no question word at all


_KINDS = (
    (re.compile(r"\bhow old\b|\b(what|which) age\b"), Kind.HOW_OLD),
    (re.compile(r"\bhow (many|much|long|big|large|far|often)\b"), Kind.HOW_MUCH),
    (re.compile(r"\bhow come\b|\bwhat (made|for)\b|\bwhy\b"), Kind.WHY),
    (re.compile(r"\b(what|which) (year|date|day|month|time|season|century)\b|\bwhen\b"), Kind.WHEN),
    (re.compile(r"\b(what|which) (place|town|city|country|museum)\b|\bwhere\b"), Kind.WHERE),
    (re.compile(r"\bwho(m|se)?\b"), Kind.WHO),
    (re.compile(r"\bhow\b"), Kind.HOW),
    (re.compile(r"\b(what|which)\b"), Kind.WHAT),
)


def normalise(text: str) -> str:
    """Lower case, British, no punctuation, no contractions, at most 500 characters."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST_QUESTION]).casefold()
    plain = plain.translate(_APOSTROPHES)
    for pattern, instead in (*_CONTRACTIONS, *_AMERICAN):
        plain = pattern.sub(instead, plain)
    return _NOT_WORD.sub(" ", plain).strip()


def kind_of(normal: str) -> Kind:
    """Kind of a normalised question."""
    for pattern, kind in _KINDS:
        if pattern.search(normal):
            return kind
    return Kind.OPEN


_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ers", "ed", "es", "er", "ly", "s")


def stem(word: str) -> str:
    """Word without its English ending: a plain cut, enough to join inflections."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            cut = word[: -len(suffix)]
            if suffix in ("ies", "ied"):
                return cut + "y"
            if len(cut) > 3 and cut[-1] == cut[-2] and cut[-1] not in "ls":
                cut = cut[:-1]
            return cut.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word


_SAME = {
    "dad": "father", "daddy": "father", "papa": "father", "mum": "mother", "mom": "mother",
    "mummy": "mother", "mama": "mother", "kid": "child", "kids": "child", "children": "child",
    "poo": "dung", "poop": "dung", "doggy": "dog", "puppy": "dog", "found": "find",
    "bought": "buy", "sold": "sell", "taught": "teach", "died": "die", "dead": "die",
    "discover": "find", "discovered": "find", "discovery": "find", "discoveries": "find",
    "uncover": "find", "unearth": "find", "finding": "find", "dug": "dig", "paid": "pay",
    "wrote": "write", "written": "write", "lost": "lose", "wore": "wear", "stole": "steal",
}  # fmt: skip
"""Words that visitors use for one another, and irregular forms."""


_HOMOPHONES = """
ate eight, bare bear, bean been, berried buried, berry bury, blew blue, bored board, bough bow,
bread bred, buy by, cellar seller, cells sells, cent scent, coarse course, dear deer, dew due,
dye die, dyed died, ewe you, fair fare, farther father, feat feet, find fined, flee flea,
flour flower, foul fowl, grate great, hallo hello, hare hair, heel heal, hire higher, hoarse horse,
knead need, knew new, knight night, loan lone, maid made, main mane, meat meet, mourning morning,
muscle mussel, pail pale, pane pain, peace piece, pleas please, pore poor, pour poor, prey pray,
rap wrap, reed read, reel real, rite write, rocks rox, rode road, rows rose, sail sale, sea see,
sell cell, sew so, shoot chute, sore saw, sought sort, steal steel, tail tale, tide tied,
thrown throne, toad towed, tied tide, two too, vain vein, waist waste, weak week, weather whether,
wear ware, weight wait, wood would, wreck reck, yoke joke, youse use"""
_SOUNDS_LIKE: dict[str, tuple[str, ...]] = {}
for _pair in _HOMOPHONES.replace("\n", " ").split(","):
    _one, _other = _pair.split()
    _SOUNDS_LIKE[_one] = (*_SOUNDS_LIKE.get(_one, ()), _other)
    _SOUNDS_LIKE[_other] = (*_SOUNDS_LIKE.get(_other, ()), _one)


def as_known(normal: str, known: Collection[str]) -> str:
    """A question with unknown words replaced by known ones that sound the same.

    Args:
        normal: Normal form.
        known: Words that stand for themselves.
    """

    def instead(word: str) -> str:
        if word in known:
            return word
        return next((same for same in _SOUNDS_LIKE.get(word, ()) if same in known), word)

    return " ".join(instead(word) for word in normal.split())


def content_words(normal: str) -> dict[str, str]:
    """Words that carry meaning, in order, by their stems."""
    return {stem(_SAME.get(w, w)): w for w in normal.split() if w not in STOP_WORDS}


def content_stems(normal: str) -> tuple[str, ...]:
    """Stems of the words that carry meaning, in order, each once."""
    return tuple(content_words(normal))


_SOUNDS = (
    (re.compile(r"^(kn|gn|pn)"), "n"),
    (re.compile(r"^wr"), "r"),
    (re.compile(r"^pt"), "t"),
    (re.compile(r"^ps"), "s"),
    (re.compile(r"mb$"), "m"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"sch|sk|sc(?![eiy])"), "sk"),
    (re.compile(r"tch|ch(?=th|r|l|n)"), "k"),
    (re.compile(r"[td]ia|[td]io"), "to"),
    (re.compile(r"ght"), "t"),
    (re.compile(r"gh"), ""),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"[ckq]+"), "k"),
    (re.compile(r"x"), "ks"),
)
_MERGED = str.maketrans("bdgvzj", "ptkfsk")
_VOWELS = re.compile(r"[aeiouyhw]+")
_DOUBLE = re.compile(r"(.)\1+")


def sound_key(words: str) -> str:
    """Consonants of one or more words run together, voiced and unvoiced merged.

    Recognition that does not know a name writes it as several short words; their vowels and their
    borders are wrong, their consonants mostly right: "please e a sore" and "plesiosaur" are both
    ``plsr``.
    """
    return _DOUBLE.sub(r"\1", sound_shape(words).replace("a", ""))


def sound_shape(words: str) -> str:
    """As ``sound_key``, with an ``a`` where vowels stand: ``plasasar``."""
    plain = unicodedata.normalize("NFKD", words.replace(" ", ""))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    for pattern, sound in _SOUNDS:
        plain = pattern.sub(sound, plain)
    return _DOUBLE.sub(r"\1", _VOWELS.sub("a", plain.translate(_MERGED)))
