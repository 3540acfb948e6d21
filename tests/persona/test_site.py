"""The machine's own settings: as strict as the persona, and harmless when absent."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from kiosk import paths
from kiosk.errors import SiteError
from kiosk.persona import Site, check_pin, hash_pin, load_site, site_template

FRIDAY = datetime(2026, 11, 20)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path))
    path = paths.config_dir() / "site.toml"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.usefixtures("config")
def test_without_a_file_the_defaults_hold_and_nothing_is_kept() -> None:
    site = load_site()
    assert site == Site()
    assert site.storage.keep_transcripts is False
    assert site.storage.keep_questions is False


def test_the_file_in_the_configuration_folder_is_read(config: Path) -> None:
    config.write_text('log_level = "debug"\n[audio]\ninput = "USB microphone"\n')
    site = load_site()
    assert site.log_level == "debug"
    assert site.audio.input == "USB microphone"


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="no such file"):
        load_site(tmp_path / "none.toml")


FAULTS = {
    "typo": ('[screen]\norientaton = "auto"\n', "screen.orientaton", "did you mean 'orientation'?"),
    "choice": ('[screen]\norientation = "potrait"', "screen.orientation", "mean 'portrait'"),
    "plain PIN": ('[staff]\npin_hash = "1234"', "staff.pin_hash", "kiosk pin"),
    "hours": ('[opening_hours]\nmonday = "10-17"', "opening_hours.monday", "09:30-17:00"),
    "impossible hour": ('[opening_hours]\nmonday = "10:00-25:00"', "opening_hours.monday", "times"),
    "backwards": ('[opening_hours]\nmonday = "17:00-09:00"', "opening_hours.monday", "before"),
    "volume": ("[audio]\nvolume = 90", "audio.volume", "at most 1"),
    "days": ("[storage]\nkeep_days = 0", "storage.keep_days", "at least 1"),
    "yes": ('[storage]\nkeep_transcripts = "yes"', "storage.keep_transcripts", "true or false"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "key", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named(config: Path, text: str, key: str, words: str) -> None:
    config.write_text("# this machine\n" + text)
    with pytest.raises(SiteError) as caught:
        load_site()
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (3, key)
    assert re.search(words, f"{problem.reason} {problem.hint}")


def site_with(**hours: str) -> Site:
    return Site.model_validate({"opening_hours": hours})


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        ("09:30-17:00", "09:29:59", False),
        ("09:30-17:00", "09:30:00", True),
        ("09:30-17:00", "16:59:59", True),
        ("09:30-17:00", "17:00:00", False),
        ("closed", "12:00:00", False),
        ("00:00-24:00", "00:00:00", True),
        ("00:00-24:00", "23:59:59", True),
    ],
)
def test_the_kiosk_is_open_from_the_first_minute_to_the_last(
    hours: str, at: str, is_open: bool
) -> None:
    now = datetime.fromisoformat(f"{FRIDAY:%Y-%m-%d}T{at}")
    assert site_with(friday=hours).is_open(now) is is_open


def test_every_day_has_its_own_hours() -> None:
    site = site_with(saturday="closed")
    assert site.is_open(FRIDAY)
    assert not site.is_open(FRIDAY.replace(day=21))
    assert site.is_open(FRIDAY.replace(day=22))


def test_the_template_changes_nothing_and_wakes_to_valid_keys(config: Path) -> None:
    template = site_template()
    config.write_text(template)
    assert load_site() == Site()
    awake = re.sub(r"^# (\w+ = )", r"\1", template, flags=re.MULTILINE)
    config.write_text(awake)
    site = load_site()
    assert site.opening_hours.monday == "closed"
    keys = set(re.findall(r"^(\w+) = ", awake, flags=re.MULTILINE))
    tables = [Site, *(type(getattr(site, name)) for name in Site.model_fields)]
    fields = {key for table in tables for key in getattr(table, "model_fields", {})}
    assert keys == fields - set(re.findall(r"^\[(\w+)\]", awake, flags=re.MULTILINE))


def test_a_pin_is_kept_as_a_salted_hash_only(config: Path) -> None:
    stored = hash_pin("271828")
    assert "271828" not in stored
    assert stored != hash_pin("271828")
    config.write_text(f'[staff]\npin_hash = "{stored}"\n')
    site = load_site()
    assert site.pin_is_right("271828")
    assert not site.pin_is_right("271829")
    assert not site.pin_is_right("")


def test_without_a_pin_staff_are_let_through() -> None:
    assert Site().pin_is_right("")


@pytest.mark.parametrize(
    "stored", ["", "1234", "scrypt$$", "scrypt$AA==$", "md5$AAAA$AAAA", "scrypt$é$é", "scrypt$A$A"]
)
def test_a_damaged_hash_lets_nobody_in(stored: str) -> None:
    assert not check_pin("1234", stored)
    assert not check_pin("", stored)
