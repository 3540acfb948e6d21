"""A path into a TOML file is found on its line, however the file is written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.persona.locate import Locator, Step

EXAMPLE = '''\
# comment = "none"
title = "a # b"
"quoted key" = 1
a.b.c = 2

[table] # note
text = """
[not] = "a table"
say ""yes""
"""
list = [
  "one", # first
  [ 2,
    3 ],
  { x = 1, y.z = [
    4 ] },
]
raw = \'\'\'
'quoted' \\
\'\'\'

[table.inner]
last = 1979-05-27T07:32:00Z

[[things]]
id = 1
[things.sub]
k = "\\""
[[things]]
[[things.parts]]
p = 1
[[things.parts]]
p = 'x'
"\\u0061\\tb" = 0
'''

PLACES: list[tuple[tuple[Step, ...], str, str]] = [
    (("title",), "title", '"a # b"'),
    (("quoted key",), '"quoted key"', "1"),
    (("a", "b", "c"), "a.b.c", "2"),
    (("a", "b"), "a.b.c", ""),
    (("table",), "[table]", ""),
    (("table", "text"), "text", '"""\n[not] = "a table"\nsay ""yes""\n"""'),
    (("table", "list", 0), '  "one"', '"one"'),
    (("table", "list", 1, 1), "    3 ]", "3"),
    (("table", "list", 2), "  { x", "{ x = 1, y.z = [\n    4 ] }"),
    (("table", "list", 2, "y", "z", 0), "    4 ]", "4"),
    (("table", "raw"), "raw", "'''\n'quoted' \\\n'''"),
    (("table", "inner"), "[table.inner]", ""),
    (("table", "inner", "last"), "last", "1979-05-27T07:32:00Z"),
    (("things", 0), "[[things]]\nid", ""),
    (("things", 0, "sub", "k"), 'k = "\\""', '"\\""'),
    (("things", 1), "[[things]]\n[[things.parts]]", ""),
    (("things", 1, "parts", 0, "p"), "p = 1", "1"),
    (("things", 1, "parts", 1, "p"), "p = 'x'", "'x'"),
    (("things", 1, "parts", 1, "a\tb"), '"\\u0061', "0"),
]


@pytest.mark.parametrize(("path", "at", "value"), PLACES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_path_is_found(path: tuple[Step, ...], at: str, value: str, line_end: str) -> None:
    tomllib.loads(EXAMPLE)
    found = Locator(EXAMPLE.replace("\n", line_end)).find(path)
    assert found.line == EXAMPLE[: EXAMPLE.index(at)].count("\n") + 1
    assert found.value == value


@pytest.mark.parametrize(
    ("path", "at"),
    [
        (("none",), "# comment"),
        (("table", "none"), "[table]"),
        (("things", 1, "none"), "[[things]]\n[[things.parts]]"),
        (("things", 7), "[[things]]\nid"),
        (("table", "list", 9, "x"), "list = ["),
    ],
)
def test_what_is_missing_is_placed_where_it_would_belong(path: tuple[Step, ...], at: str) -> None:
    found = Locator(EXAMPLE).find(path)
    assert found.line == EXAMPLE[: EXAMPLE.index(at)].count("\n") + 1
    assert found.value == ""
    assert not found.exact


def test_a_table_whose_header_comes_after_its_inner_one_is_found_at_its_own() -> None:
    text = "[a.b]\nx = 1\n[a]\ny = 2\n"
    assert Locator(text).find(("a",)).line == 3
    assert Locator(text).find(("a", "b", "x")).line == 2


def paths_in(value: Any) -> Iterator[tuple[Step, ...]]:
    """Every path of a TOML document."""
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for step, inner in pairs:
        yield (step,)
        yield from ((step, *rest) for rest in paths_in(inner))


MARKS = st.sampled_from(
    [
        *"[]{}=.,#\\ab1 é\n",
        *("[[", "]]", '"', '"""', "'", "'''", "\r\n", "true", "1979-05-27 07:32:00", "{ a = 1 }"),
        *("a = 1\n", "[a]\n", "[[b]]\n", "a.b = [1,\n2]\n", 'c = "x"\n', '"a" = """\nx\n"""\n'),
    ]
)


@given(parts=st.lists(MARKS | st.text(max_size=3), max_size=20), path=st.lists(MARKS, max_size=3))
def test_any_text_is_walked_to_its_end_and_every_line_is_inside_it(
    parts: list[str], path: list[str]
) -> None:
    text = "".join(parts)
    locator = Locator(text)
    assert 1 <= locator.find(path).line <= text.count("\n") + 1


@given(parts=st.lists(MARKS, max_size=14))
def test_every_key_of_a_valid_text_is_found(parts: list[str]) -> None:
    text = "".join(parts)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    locator = Locator(text)
    for path in paths_in(data):
        assert locator.find(path).exact, path
