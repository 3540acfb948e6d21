"""Say in plain words what pydantic has against a value.

The reader is a curator with a text editor, so: no types, no jargon, and what was probably meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process, utils

from kiosk.persona.locate import Step

_ALIKE = 70  # per cent; below this a suggestion would only confuse
_KEY_OF_A_MAPPING = "[key]"  # pydantic's last step where not the value but its key is wrong


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing wrong, not yet tied to a line.

    Attributes:
        path: The key concerned, e.g. ``("answers", 3, "id")``, indices from 0.
        reason: What is wrong, in plain words.
        hint: What was probably meant; empty if unknown.
    """

    path: tuple[Step, ...]
    reason: str
    hint: str = ""


def explain(model: type[BaseModel], errors: Iterable[ErrorDetails]) -> Iterator[Objection]:
    """Aim: pydantic's complaints about ``model`` in a curator's words."""
    for error in errors:
        if _is_echo(error):
            continue
        path = tuple(step for step in error["loc"] if step != _KEY_OF_A_MAPPING)
        reason, hint = _REASONS.get(error["type"], _other)(_Complaint(model, path, error))
        yield Objection(path, reason, hint)


def dotted(path: Sequence[Step]) -> str:
    """``answers[3].say``: entries are counted from one, as a reader counts them."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f".{step}" if text else step
    return text


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the likeliest of ``known``, or an empty text."""
    best = process.extractOne(
        str(word),
        list(known),
        scorer=fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=_ALIKE,
    )
    return f"did you mean '{best[0]}'?" if best else ""


@dataclass(frozen=True, slots=True)
class _Complaint:
    model: type[BaseModel]
    path: tuple[Step, ...]
    error: ErrorDetails

    @property
    def value(self) -> Any:
        return self.error["input"]

    @property
    def limits(self) -> Mapping[str, Any]:
        return self.error.get("ctx", {})


_Words = tuple[str, str]


def _missing(complaint: _Complaint) -> _Words:
    field = _field(complaint.model, complaint.path)
    if _table_of(field) is not None:
        key = complaint.path[-1]
        return (f"the table [{key}] is missing", f"add a line [{key}] and its keys under it")
    meaning = field.description if field and field.description else ""
    return ("this key is missing", meaning)


def _unknown(complaint: _Complaint) -> _Words:
    *outer, word = complaint.path
    reason = "there is no such key here"
    known = _keys(complaint.model, outer)
    close = did_you_mean(word, known)
    if close:
        return reason, close
    if outer and word in complaint.model.model_fields:
        return reason, f"'{word}' belongs at the top of the file, above the first [table]"
    for name, field in complaint.model.model_fields.items():
        table = _table_of(field)
        if table and word in table.model_fields:
            return reason, f"'{word}' belongs under [{name}]"
    return reason, f"known here: {', '.join(known)}" if known else ""


def _not_a_list(complaint: _Complaint) -> _Words:
    if isinstance(complaint.value, Mapping):
        key = complaint.path[-1]
        return "this must be a list", f"write [[{key}]] with two brackets on either side"
    return "this must be a list", 'put it in square brackets, e.g. ["one", "two"]'


def _too_few(complaint: _Complaint) -> _Words:
    least, have = complaint.limits["min_length"], complaint.limits["actual_length"]
    noun = "entry" if least == 1 else "entries"
    return (
        f"this needs at least {least} {noun}, and there {'is' if have == 1 else 'are'} {have}",
        "",
    )


def _too_many(complaint: _Complaint) -> _Words:
    return f"this may have at most {complaint.limits['max_length']} entries", ""


def _too_long(complaint: _Complaint) -> _Words:
    most, have = complaint.limits["max_length"], len(complaint.value)
    return f"this text has {have} characters; at most {most} are possible", ""


def _not_one_of(complaint: _Complaint) -> _Words:
    field = _field(complaint.model, complaint.path)
    known = [str(value) for value in get_args(field.annotation)] if field else []
    choice = f"one of: {', '.join(known)}" if len(known) > 1 else "".join(known)
    return f"this must be {choice}", did_you_mean(complaint.value, known)


def _not_a_table(complaint: _Complaint) -> _Words:
    key = complaint.path[-1] if complaint.path else ""
    if isinstance(key, int):
        return "this must be a table", "begin each entry with a line in double brackets [[...]]"
    return "this must be a table", f"write a line [{key}] and its keys under it"


def _broken_rule(complaint: _Complaint) -> _Words:
    return str(complaint.limits.get("error", complaint.error["msg"])), ""


def _other(complaint: _Complaint) -> _Words:
    return complaint.error["msg"][:1].lower() + complaint.error["msg"][1:], ""


def _always(reason: str, hint: str = "") -> Callable[[_Complaint], _Words]:
    return lambda _: (reason, hint)


def _bound(words: str, limit: str) -> Callable[[_Complaint], _Words]:
    return lambda complaint: (f"this must be {words} {complaint.limits[limit]:g}", "")


_REASONS: dict[str, Callable[[_Complaint], _Words]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "string_type": _always("this must be text", 'put it in quotation marks: "..."'),
    "string_too_short": _always("this text must not be empty"),
    "string_too_long": _too_long,
    "tuple_type": _not_a_list,
    "too_short": _too_few,
    "too_long": _too_many,
    "literal_error": _not_one_of,
    "int_type": _always("this must be a whole number", "write it without quotation marks"),
    "int_from_float": _always("this must be a whole number", "write it without a decimal point"),
    "float_type": _always("this must be a number", "write it without quotation marks"),
    "finite_number": _always("this must be an ordinary number"),
    "bool_type": _always("this must be true or false", "write it without quotation marks"),
    "greater_than_equal": _bound("at least", "ge"),
    "greater_than": _bound("more than", "gt"),
    "less_than_equal": _bound("at most", "le"),
    "less_than": _bound("less than", "lt"),
    "model_type": _not_a_table,
    "dict_type": _not_a_table,
    "value_error": _broken_rule,
}


def _is_echo(error: ErrorDetails) -> bool:
    """Pydantic does not count wrong entries, and so finds too few where one is merely wrong."""
    return error["type"] == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]


def _keys(model: type[BaseModel], path: Sequence[Step]) -> list[str]:
    field = _field(model, path)
    table = _table_of(field) if path else model
    return list(table.model_fields) if table else []


def _field(model: type[BaseModel], path: Sequence[Step]) -> FieldInfo | None:
    """The schema's entry for ``path``; None for entries of free-form tables."""
    table: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for step in path:
        if isinstance(step, int):
            continue
        field = table.model_fields.get(step) if table else None
        table = _table_of(field)
    return field


def _table_of(field: FieldInfo | None) -> type[BaseModel] | None:
    """The table, or the entry of the array of tables, that a field holds."""
    if field is None:
        return None
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
    return None
