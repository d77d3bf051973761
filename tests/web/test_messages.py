"""Both languages say the same things, and every text is used."""

import re
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest

import gridsvc
from gridsvc.domain.access import Right, Role
from gridsvc.errors import InputError
from gridsvc.web.messages import MESSAGES, TAGS, texts
from gridsvc.web.names import ACTIONS, RIGHTS, ROLES


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys_and_fields() -> None:
    assert MESSAGES.keys() == TAGS.keys()
    assert MESSAGES["zh"].keys() == MESSAGES["en"].keys()
    for key, text in MESSAGES["zh"].items():
        assert text.strip()
        assert MESSAGES["en"][key].strip()
        assert _fields(text) == _fields(MESSAGES["en"][key])


def test_every_text_is_used_and_every_text_used_exists() -> None:
    templates = [file.read_text(encoding="utf-8") for file in (files("gridsvc.web") / "templates").iterdir()]
    used = set(re.findall(r"\bt\.([a-z_]+)", "".join(templates)))
    assert used == set(MESSAGES["zh"])


def test_another_language_is_refused() -> None:
    with pytest.raises(InputError, match="choose one of: zh, en"):
        texts("fr")


def test_every_role_right_and_action_has_a_name_of_its_own_in_both_languages() -> None:
    for names, codes in ((ROLES, set(Role)), (RIGHTS, set(Right)), (ACTIONS, set(ACTIONS["zh"]))):
        assert names.keys() == TAGS.keys()
        for lang in TAGS:
            assert names[lang].keys() == codes
            assert all(name.strip() for name in names[lang].values())
    for names in (ROLES, RIGHTS):
        assert all(len(set(names[lang].values())) == len(names[lang]) for lang in TAGS)


def test_every_recorded_action_has_a_name() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in Path(gridsvc.__file__).parent.rglob("*.py"))
    recorded = set(re.findall(r'\brecord\(\s*conn, "([a-z_.]+)"', code)) | {
        "report.take_in",
        "report.repeat",
        "audit.erase",
        *(f"whistle.{move}" for move in ("answer", "arrive", "report", "close")),
    }
    assert len(recorded) > 20
    assert recorded == ACTIONS["zh"].keys() == ACTIONS["en"].keys()
