"""What stands round a question without being part of it: address, politeness, tags (English)."""

from __future__ import annotations

import re

_GREETING = re.compile(
    r"^(?:(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|excuse me|please|sorry|well|so"
    r"|okay|ok|um|uh|oh|and|but|madam|miss|forgive me(?: for asking)?|i am sorry to ask"
    r"|if i may(?: ask)?|i hope you do not mind(?: me| my)? asking|with respect|apparently)\s+)+"
)
_TELL = r"(?:tell|explain to|show)(?: to)? (?:me|us)"
_PREAMBLE = re.compile(
    r"^(?:(?:please |kindly )?(?:"
    rf"(?:would|could|can|will) you (?:please |kindly |perhaps |mind )*{_TELL}(?: please| perhaps)?"
    r"|(?:would|could) you (?:be so kind as to|be kind enough to|mind|please|kindly)"
    rf"(?: {_TELL}| telling (?:me|us)| explaining(?: to (?:me|us))?)?"
    r"|(?:may|might|could|can) (?:i|we)(?: please| perhaps)? (?:ask|know|inquire)(?: you)?"
    r"|(?:i|we) (?:would (?:like|love)|want) to (?:know|ask|hear|understand)(?: you)?"
    r"|(?:i|we) would be (?:interested|curious) to (?:hear|know)"
    r"|(?:i am|we are) (?:curious|wondering|interested)"
    r"|i (?:was wondering|wonder|do not know|have no idea|have always wondered)"
    r"|i (?:have )?(?:heard|read|hear|gather|believe|understand|suppose|guess|imagine|think)"
    r"|(?:people|they|some people) say|(?:someone|somebody|they) told me|i was told|i am told"
    rf"|is it (?:true|right)|do you know|{_TELL}|please"
    r")\s+)+(?:please |if you would |whether |if |that |to )*"
)
_TAG = re.compile(
    r"\s+(?:(?:is|are|was|were|did|do|does|have|has|had|will|would|could|can) not"
    r" (?:i|you|he|she|it|they|there|we)|right|correct|is that right|please|(?:is|was|were|are|did"
    r"|do|does|have|has|had) (?:you|he|she|it|they|there))$"
)
_OWN_NAME = re.compile(
    r"\b(my name is|my names|i am called|they call me|people call me|call me|this is my \w+)"
    r" (?:\w+ ?){1,2}$"
)


def bare_question(normal: str) -> str:
    """A normalised question without what stands round it; never empty for one that is not.

    Args:
        normal: Normal form.
    """
    bare = _without_greeting(normal)
    bare = _PREAMBLE.sub("", bare) or bare
    bare = _without_greeting(bare)
    if len(bare.split()) > 3:
        bare = _TAG.sub("", bare)
    return _OWN_NAME.sub(r"\1", bare)


def _without_greeting(normal: str) -> str:
    """At least two words are left: "hello again" is no "again"."""
    rest = _GREETING.sub("", normal)
    return rest if " " in rest else normal
