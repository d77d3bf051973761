"""Accounts, the audit and the doctor on the command line, which acts as a named account."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from gridsvc.cli.load import initialise
from gridsvc.localdb import Addresses
from gridsvc.store.connection import connect
from tests.accounts import put_account
from tests.cli.commands import Gridsvc
from tests.database import TOWN, as_service, drop

PASSWORD = re.compile(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}")


def test_a_new_city_has_one_administrator_whose_password_is_shown_once(
    server: str, monkeypatch: pytest.MonkeyPatch, gridsvc: Gridsvc
) -> None:
    url = make_conninfo(server, dbname="gridsvc_test_first")
    monkeypatch.setenv("GRIDSVC_ADMIN_URL", url)
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", as_service(url))
    try:
        first = gridsvc("init", "--crs", "EPSG:4544", "--json").json
        assert (first["administrator"], bool(PASSWORD.fullmatch(first["password"]))) == ("admin", True)
        again = gridsvc("init", "--crs", "EPSG:4544")
        assert (again.code, "password" in again.out) == (0, False)
        said = gridsvc("user", "list", "--json").json
        assert [(user["name"], user["roles"], user["must_change"]) for user in said] == [
            ("admin", ["administrator"], True)
        ]
    finally:
        drop(server, "gridsvc_test_first")


def test_users_come_change_and_go(gridsvc: Gridsvc) -> None:
    made = gridsvc("user", "add", "Wang", "--role", "analyst", "--whole-city", "--display-name", "王芳")
    assert made.code == 0
    assert PASSWORD.search(made.out)
    assert "account wang exists already" in gridsvc("user", "add", "WANG", "--role", "analyst").err
    changed = gridsvc("user", "change", "wang", "--role", "gis_staff", "--role", "inspector", "--json").json
    assert (changed["roles"], changed["whole_city"], changed["display_name"]) == (
        ["gis_staff", "inspector"],
        True,
        "王芳",
    )
    assert "its first password, shown once" in gridsvc("user", "reset", "wang").out
    assert gridsvc("user", "disable", "wang").code == 0
    assert "is disabled already" in gridsvc("user", "disable", "wang").err
    assert "enable it first" in gridsvc("user", "reset", "wang").err
    assert "王芳: gis_staff inspector; whole city, disabled" in gridsvc("user", "list").out
    assert "does not exist or is disabled" in gridsvc("--as", "wang", "user", "list").err
    assert gridsvc("user", "enable", "wang").code == 0


@pytest.mark.parametrize(("arguments", "detail"), [
    (["add", "a b"], "no spaces"),
    (["add", "x", "--role", "king"], "role 'king' is not known; choose one of: administrator"),
    (["add", "x", "--department", "none"], "department 'none' is not known"),
    (["add", "x", "--area", "grid:1"], "area grid:1 is not in force; write KIND:CODE"),
    (["add", "x", "--area", "nonsense"], "is not in force"),
    (["add", "x", "--role", "department_handler"], "needs a department"),
    (["disable", "admin"], "admin is the last administrator"),
    (["change", "admin", "--role", "analyst"], "admin is the last administrator"),
    (["reset", "nobody-here"], "account 'nobody-here' does not exist"),
])  # fmt: skip
def test_what_cannot_be_is_refused_and_changes_nothing(gridsvc: Gridsvc, arguments: list[str], detail: str) -> None:
    before = gridsvc("user", "list", "--json").json
    said = gridsvc("user", *arguments)
    assert (said.code, said.out) == (1, "")
    assert detail in said.err
    after = gridsvc("user", "list", "--json").json
    assert [user["name"] for user in after] == [user["name"] for user in before]


def test_every_command_asks_for_its_right(gridsvc: Gridsvc, database: str, tmp_path: Path) -> None:
    with connect(database) as conn:
        put_account(conn, "nothing", whole_city=True)
        put_account(conn, "clerk", "intake_clerk", whole_city=True)
    file = str(tmp_path / "x.csv")
    for command in (
        ("import", file, "--layer", "0101"), ("batch", "list"), ("areas", "list"), ("areas", "apply", "1"),
        ("areas", "split", "a"), ("reports", "import", file, "--channel", "x"), ("user", "list"), ("audit", "list"),
        ("audit", "export", file), ("retention", "run"), ("retention", "set", "closed", "9"), ("visibility", "list"),
        ("visibility", "set", "0101", "public"), ("export", "components", file), ("map", "heat", "-o", file),
        ("map", "grid", "-o", file), ("route", "simulate", "--channel", "x"), ("route", "compare", "--channel", "x"),
    ):  # fmt: skip
        said = gridsvc("--as", "nothing", *command)
        assert (said.code, "account nothing may not do this: the right" in said.err) == (1, True), command
    assert "no such file" in gridsvc("--as", "clerk", "reports", "import", file, "--channel", "public").err
    assert "may not do this" in gridsvc("--as", "clerk", "import", file, "--layer", "0101").err
    assert not Path(file).exists()


def test_the_audit_names_who_and_is_exported(gridsvc: Gridsvc, tmp_path: Path) -> None:
    gridsvc("visibility", "set", "0102", "sensitive")
    rows = gridsvc("audit", "list", "--json").json["rows"]
    assert (rows[0]["action"], rows[0]["thing"], rows[0]["source"]) == ("visibility.set", "subclass 0102", "cli")
    assert rows[0]["payload"]["name"] == "admin"
    assert rows[0]["payload"]["address"].startswith("local:")
    assert rows[0]["payload"]["before"] == {"visibility": "staff"}
    gridsvc("audit", "export", tmp_path / "audit.csv")
    found = list(csv.DictReader((tmp_path / "audit.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row["action"] for row in found][-2:] == ["visibility.set", "export.audit"]
    gridsvc("visibility", "set", "0102", "staff")


def test_retention_on_the_command_line(gridsvc: Gridsvc) -> None:
    assert "closed       730" in gridsvc("retention", "list").out
    assert "days are not between 180" in gridsvc("retention", "set", "audit", "10").err
    assert (
        gridsvc("retention", "set", "voided", "for-good").out
        == "voided: for-good; 0 reports are due for the next run\n"
    )
    assert "voided       for-good" in gridsvc("retention", "list").out
    assert gridsvc("retention", "run", "--json").json == {"reports": 0, "payloads": False, "files": 0, "rosters": 0}
    gridsvc("retention", "set", "voided", "180")


def test_the_doctor_finds_nothing_wrong(gridsvc: Gridsvc) -> None:
    said = gridsvc("doctor")
    assert (said.code, {line.split()[0] for line in said.out.splitlines()}) == (0, {"ok"}), said.out


@pytest.mark.parametrize(("harm", "mend", "found"), [
    ("GRANT SELECT ON component TO gridsvc_test_service", "REVOKE SELECT ON component FROM gridsvc_test_service",
     "has rights of its own on table component"),
    ("ALTER TABLE component DISABLE ROW LEVEL SECURITY", "ALTER TABLE component ENABLE ROW LEVEL SECURITY",
     "table component has no row-level security, and callers may read it"),
    ("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF",
     "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF", "does not use the spatial index"),
    ("UPDATE permission_version SET checksum = checksum || 'x'",
     "UPDATE permission_version SET checksum = left(checksum, 64)", "the permissions of another release"),
])  # fmt: skip
def test_the_doctor_finds_what_is_wrong(gridsvc: Gridsvc, database: str, harm: str, mend: str, found: str) -> None:
    with connect(database) as conn:
        conn.execute(harm)  # type: ignore[call-overload]
        try:
            said = gridsvc("doctor")
        finally:
            conn.execute(mend)  # type: ignore[call-overload]
    assert (said.code, found in said.out) == (1, True), said.out


def test_the_doctor_finds_a_changed_record(gridsvc: Gridsvc, database: str) -> None:
    gridsvc("visibility", "set", "0103", "public")
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE audit_payload SET payload = '{}' WHERE audit_id = (SELECT max(audit_id) FROM audit_payload)"
        )
    said = gridsvc("doctor", "--json")
    assert said.code == 1
    chain = next(finding for finding in said.json if "record" in finding["check"])
    assert re.fullmatch(r"the payload of row \d+ was changed", chain["troubles"][0])


def test_a_demo_is_served_on_this_machine_alone(tmp_path: Path) -> None:
    gridsvc = str(Path(sys.executable).parent / "gridsvc")
    settings = {"GRIDSVC_HOST": "0.0.0.0", "GRIDSVC_DATA_FOLDER": str(tmp_path)}
    done = subprocess.run(
        [gridsvc, "demo"], env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "a demo is not served on 0.0.0.0" in done.stderr) == (1, True)
    assert not list(tmp_path.iterdir())


def test_json_of_a_new_user_holds_the_password(gridsvc: Gridsvc) -> None:
    said = gridsvc("user", "add", "li", "--role", "analyst", "--json")
    assert PASSWORD.fullmatch(json.loads(said.out)["password"])


def test_the_same_address_for_both_is_refused(server: str, monkeypatch: pytest.MonkeyPatch, gridsvc: Gridsvc) -> None:
    url = make_conninfo(server, dbname="gridsvc_test_same")
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", url)
    monkeypatch.delenv("GRIDSVC_ADMIN_URL")
    try:
        said = gridsvc("init", "--crs", "EPSG:4544")
        assert (said.code, "row-level security would not hold for it; set GRIDSVC_ADMIN_URL" in said.err) == (1, True)
        initialise(TOWN, Addresses(admin_url=url, database_url=as_service(url)))
        said = gridsvc("user", "list")
        assert (said.code, "for whom row-level security does not hold" in said.err) == (1, True)
    finally:
        drop(server, "gridsvc_test_same")
