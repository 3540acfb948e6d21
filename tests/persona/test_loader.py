"""A broken persona.toml gets every problem named: line, key, value, reason and a hint."""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import PersonaError
from kiosk.persona import load_persona
from kiosk.persona.strict_toml import SIZE_LIMIT_BYTES
from tests.persona.files import GOOD, changed, problems_of, write


def line(text: str, content: str = GOOD) -> int:
    """The 1-based line on which a text begins."""
    return content[: content.index(text)].count("\n") + 1


@dataclass(frozen=True)
class Broken:
    """A fault, and the one problem it must be reported as."""

    content: str
    at: str
    key: str
    reason: str
    hint: str = ""


BROKEN = {
    "unknown key": Broken(
        changed('name = "Ada"', 'name = "Ada"\nepitaph = "x"'),
        "epitaph", "identity.epitaph", "no such key", "did you mean 'epithet'?",
    ),
    "unknown table": Broken(
        changed("[support]", "[voce]\nrate = 1.0\n[support]"),
        "[voce]", "voce", "no such key", "did you mean 'voice'?",
    ),
    "key of another table": Broken(
        changed('name = "Ada"', 'name = "Ada"\nrate = 1.1'),
        "rate", "identity.rate", "no such key", "'rate' belongs under [voice]",
    ),
    "top key under a table": Broken(
        changed("[disclosure]", 'language = "en"\n[disclosure]'),
        "language", "identity.language", "no such key", "above the first [table]",
    ),
    "nothing alike": Broken(
        changed('text = "AI."', 'text = "AI."\nzzzzz = 1'),
        "zzzzz", "disclosure.zzzzz", "no such key", "known here: text, spoken",
    ),
    "missing key": Broken(
        changed('dates = "1815-1852"\n', ""), "[identity]", "identity.dates", "missing", "Years",
    ),
    "missing key of an answer": Broken(
        changed('say = ["In 1815."]\n', ""), '[[answers]]\nid = "born"', "answers[2].say",
        "missing",
    ),
    "missing table": Broken(
        changed('[disclosure]\ntext = "AI."\n', ""), "format", "disclosure", "missing",
        "[disclosure]",
    ),
    "choice": Broken(
        changed("format = 1", 'format = 1\nlanguage = "eng"'),
        "language", "language", "one of: en, de, fr, es, ru", "did you mean 'en'?",
    ),
    "action": Broken(
        changed('say = ["In 1815."]', 'say = ["In 1815."]\naction = "loud"'),
        "action", "answers[2].action", "one of", "did you mean 'louder'?",
    ),
    "format": Broken(changed("format = 1", "format = 2"), "format", "format", "must be 1"),
    "number for text": Broken(
        changed('dates = "1815-1852"', "dates = 1815"), "dates", "identity.dates", "must be text",
        "quotation marks",
    ),
    "text for a number": Broken(
        changed("[support]", '[voice]\nrate = "1.0"\n[support]'),
        "rate", "voice.rate", "must be a number", "without quotation marks",
    ),
    "number too large": Broken(
        changed("[support]", "[voice]\nrate = 3\n[support]"), "rate = 3", "voice.rate", "at most 2",
    ),
    "no number": Broken(
        changed("[support]", "[voice]\nrate = nan\n[support]"), "rate", "voice.rate",
        "ordinary number",
    ),
    "not whole": Broken(
        changed("[support]", "[chat]\nmax_tokens = 50.5\n[support]"),
        "max_tokens", "chat.max_tokens", "whole number",
    ),
    "text for a list": Broken(
        changed('say = ["In 1815."]', 'say = "In 1815."'),
        'say = "In', "answers[2].say", "must be a list", "square brackets",
    ),
    "single brackets": Broken(
        GOOD[: GOOD.index("[[answers]]")] + '[answers]\nid = "x"\n',
        "[answers]", "answers", "must be a list", "[[answers]]",
    ),
    "text for a table": Broken(
        changed("format = 1", 'format = 1\nvoice = "slt24"'),
        "voice", "voice", "must be a table", "[voice]",
    ),
    "too few phrasings": Broken(
        changed('"how old are you", "your age"]', "]"),
        'ask = ["when', "answers[2].ask", "at least 4 entries, and there are 2",
    ),
    "wrong entry of a long list": Broken(
        changed('"your age"]', '\n  "your age",\n  7]'),
        "  7]", "answers[2].ask[5]", "must be text",
    ),
    "empty text": Broken(
        changed('name = "Ada"', 'name = "  "'), "name", "identity.name", "must not be empty",
    ),
    "long text": Broken(
        changed('name = "Ada"', f'name = "{"a" * 201}"'),
        "name", "identity.name", "201 characters; at most 200",
    ),
    "colour": Broken(
        changed("[support]", '[theme]\naccent = "gold"\n[support]'),
        "accent", "theme.accent", "a colour such as",
    ),
    "id": Broken(
        changed('id = "born"', 'id = "Born!"'), 'id = "Born!"', "answers[2].id", "short name",
    ),
    "id twice": Broken(
        changed('id = "born"', 'id = "who" # again'),
        'id = "who" # again', "answers[2].id", "same id",
    ),
    "phrasing in two answers": Broken(
        changed('"your birthday"', '"Who ARE you?"'),
        'ask = ["when', "answers[2].ask[2]", "'who' has this phrasing already",
    ),
    "phrasing twice in one answer": Broken(
        changed('"your birthday"', '"your age?"'),
        'ask = ["when', "answers[2].ask[4]", "'born' has this phrasing already",
    ),
    "phrasing without words": Broken(
        changed('"your birthday"', '"?!"'), 'ask = ["when', "answers[2].ask[2]", "no words",
    ),
    "pronunciation that is empty": Broken(
        changed("[support]", '[voice.pronunciations]\n"Lyme Regis" = ""\n[support]'),
        '"Lyme Regis"', "voice.pronunciations.Lyme Regis", "must not be empty",
    ),
    "listening without a loop of one's own": Broken(
        changed("[support]", '[portrait]\nlistening = "a.mp4"\n[support]'),
        "listening", "portrait.listening", "another person", "portrait.loop",
    ),
    "upright without a loop for other screens": Broken(
        changed("[support]", '[portrait.upright]\nloop = "a.mp4"\n[support]'),
        "loop", "portrait.upright.loop", "another person", "portrait.loop",
    ),
    "thinking upright over the built-in portrait": Broken(
        changed("[support]", '[portrait.upright]\nthinking = "a.mp4"\n[support]'),
        "thinking", "portrait.upright.thinking", "another person", "portrait.upright.loop",
    ),
    "face boxes of no upright loop": Broken(
        changed(
            "[support]",
            '[portrait]\nloop = "a.mp4"\n[portrait.upright]\nface_boxes = "b.json"\n[support]',
        ),
        "face_boxes", "portrait.upright.face_boxes", "no upright loop", "portrait.upright.loop",
    ),
    "misspelt key of a table in a table": Broken(
        changed("[support]", '[portrait.upright]\nthnking = "a.mp4"\n[support]'),
        "thnking", "portrait.upright.thnking", "no such key", "did you mean 'thinking'?",
    ),
    "dotted key": Broken(
        changed("format = 1", "format = 1\nvoice.rate = true"),
        "voice.rate", "voice.rate", "must be a number",
    ),
    "inline table": Broken(
        changed("format = 1", 'format = 1\nvoice = { rate = 1.0, modell = "x" }'),
        "voice", "voice.modell", "no such key", "did you mean 'model'?",
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_one_fault_is_one_problem_on_its_line(broken: Broken, tmp_path: Path) -> None:
    (problem,) = problems_of(write(tmp_path, broken.content))
    assert problem.key == broken.key
    assert problem.line == line(broken.at, broken.content)
    assert broken.reason in problem.reason
    assert broken.hint in problem.hint
    assert bool(broken.hint) <= bool(problem.hint)


def test_all_faults_are_listed_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    content = GOOD
    content = content.replace("format = 1", 'format = 1\nlangauge = "en"')
    content = content.replace('dates = "1815-1852"', "dates = 1815")
    content = content.replace('id = "born"', 'id = "who"')
    content = content.replace('say = ["In 1815."]', "say = []")
    problems = problems_of(write(tmp_path, content))
    assert [problem.key for problem in problems] == [
        "langauge",
        "identity.dates",
        "answers[2].id",
        "answers[2].say",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)
    assert [problem.value for problem in problems] == ['"en"', "1815", '"who"', "[]"]


SYNTAX = {
    "open text": ('name = "Ada\n', "is not closed"),
    "open list": ('words = ["a", "b"\n', "not closed"),
    "forgotten comma": ('words = ["a" "b"]\n', "comma is missing"),
    "no quotation marks": ("name = Ada\n", "no value"),
    "quotation mark inside": ('name = "the "great" Ada"\n', "left over"),
    "key twice": ('name = "a"\nname = "b"\n', "second time"),
    "table twice": ("[a]\n[b]\n[a]\n", "second time"),
    "backslash": ('path = "C:\\models"\n', "backslash"),
    "no equals sign": ('name "Ada"\n', "no ="),
    "open header": ("[voice\n", "not closed"),
    "open inline table": ("voice = { rate = 1\n", "not closed"),
    "stray text": ("= 1\n", "neither a key"),
}


@pytest.mark.parametrize(("text", "reason"), SYNTAX.values(), ids=SYNTAX.keys())
def test_what_is_no_toml_is_one_problem_in_plain_words(
    text: str, reason: str, tmp_path: Path
) -> None:
    (problem,) = problems_of(write(tmp_path, "# a persona\n" + text))
    assert reason in problem.reason
    assert 2 <= problem.line <= 1 + text.count("\n")
    assert "(at " not in problem.reason


UNREADABLE = {
    "empty": (b"", "empty"),
    "only blanks": (b" \n\n", "empty"),
    "latin-1": (GOOD.replace("Good day", "Grüß Gott").encode("latin-1"), "not UTF-8"),
    "BOM": (b"\xef\xbb\xbf" + GOOD.encode(), "BOM"),
    "UTF-16": (GOOD.encode("utf-16"), "UTF-16"),
    "too large": (b"#" * (SIZE_LIMIT_BYTES + 1), "larger than 2 MB"),
    "nested too deep": (b"a = " + b"[" * 5000 + b"]" * 5000, "nested"),
    "endless number": (b"a = " + b"1" * 5000, "cannot be understood"),
    "binary": (bytes(range(256)), ""),
}


@pytest.mark.parametrize(("raw", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_file_is_one_problem(raw: bytes, reason: str, tmp_path: Path) -> None:
    (problem,) = problems_of(write(tmp_path, raw))
    assert reason in problem.reason


def test_the_line_of_a_wrong_character_is_named(tmp_path: Path) -> None:
    raw = GOOD.encode().replace(b"Goodbye", b"Goodb\xffye")
    (problem,) = problems_of(write(tmp_path, raw))
    assert problem.line == line("Goodbye")


def test_no_file_and_no_ordinary_file_are_named(tmp_path: Path) -> None:
    assert "no such file" in problems_of(tmp_path / "none.toml")[0].reason
    assert "folder" in problems_of(tmp_path)[0].reason
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    assert "not an ordinary file" in problems_of(pipe)[0].reason
    assert problems_of(Path("a\0b"))


def test_the_error_reads_well_and_survives_the_pipe(tmp_path: Path) -> None:
    path = write(tmp_path, changed('name = "Ada"', "nmae = 7"))
    with pytest.raises(PersonaError) as caught:
        load_persona(path)
    assert str(caught.value).splitlines() == [
        f"{path}: 2 problems",
        "  line 4: identity.name: this key is missing (Name on the screen.)",
        "  line 5: identity.nmae = 7: there is no such key here (did you mean 'name'?)",
    ]
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_a_good_file_loads_with_any_line_ends(tmp_path: Path) -> None:
    loaded = load_persona(write(tmp_path))
    assert loaded.persona.identity.name == "Ada"
    assert loaded.folder == tmp_path
    windows = load_persona(write(tmp_path, GOOD.replace("\n", "\r\n")))
    assert windows.persona == loaded.persona
    assert windows.digest != loaded.digest


KEYS = st.sampled_from(
    ["format", "voice", "rate", "answers", "id", "ask", "say", '"a b"', "identity"]
)
VALUES = st.recursive(
    st.sampled_from(
        ["1", "-0.5", "nan", "true", '"text"', "'x'", '"""\na\n"""', "1979-05-27", "[]"]
    )
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
    max_leaves=6,
)
LINES = (
    st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}")
    | KEYS.map(lambda key: f"[{key}]")
    | KEYS.map(lambda key: f"[[{key}]]")
    | st.text(max_size=12)
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(LINES, max_size=12), cut=st.integers(0, len(GOOD)))
def test_no_input_raises_anything_but_a_persona_error(
    lines: list[str], cut: int, tmp_path: Path
) -> None:
    content = GOOD[:cut] + "\n".join(lines) + GOOD[cut:]
    path = write(tmp_path, content.encode("utf-8", "surrogatepass"))
    try:
        load_persona(path)
    except PersonaError as error:
        total = content.count("\n") + 1
        for problem in error.problems:
            assert 1 <= problem.line <= total
            assert problem.key
            assert problem.reason
            assert len(problem.value) <= 60
