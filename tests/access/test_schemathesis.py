"""schemathesis over the whole OpenAPI, with all its checks, signed in as each role and as the public."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gridsvc.store.connection import connect
from tests.access import town
from tests.accounts import CHIEF, put_account, put_token
from tests.service import running

CONFIGURATION = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 422, 429]  # 422: the words are right, and there is no such thing

[parameters]
report_id = "{report}"
case_id = {case}
subclass_code = "0101"
"""
ROLES = (
    "public", "administrator", "gis_staff", "intake_clerk", "shift_leader", "dispatcher", "inspector-west", "grid_head",
    "grid_member", "handler-west", "analyst-east", "nobody",
)  # fmt: skip
PLENTY = 1_000_000


@dataclass(frozen=True)
class Service:
    host: str
    tokens: dict[str, str | None]
    report: str
    case: int


@pytest.fixture(scope="module")
def service(database: str) -> Iterator[Service]:
    tokens = town.build(database)
    with connect(database) as conn:
        tokens["chief"] = put_token(conn, put_account(conn, "chief", *CHIEF, whole_city=True))
        found = conn.execute("SELECT id FROM report WHERE external_id = 'report-1'").fetchone()
        assert found
        case = conn.execute("SELECT id FROM cases WHERE report_id = %s", found).fetchone()
        assert case
    free = {"anonymous_requests_per_minute": PLENTY, "anonymous_reports_per_hour": PLENTY}
    with running(database, anonymous_reports_per_device=PLENTY, **free) as host:
        yield Service(host, tokens, str(found[0]), case[0])


def attack(service: Service, folder: Path, name: str, phases: str, examples: int) -> None:
    """As the named account; a failure prints what schemathesis found, with the request that shows it."""
    (folder / "schemathesis.toml").write_text(CONFIGURATION.format(report=service.report, case=service.case))
    token = service.tokens[name]
    header = ["-H", f"Authorization: Bearer {token}"] if token else []
    command = [
        str(Path(sys.executable).parent / "st"), "run", f"http://{service.host}/openapi.json", *header,
        "--checks", "all", "--phases", phases, "--max-examples", str(examples), "--no-color",
        "--generation-deterministic", "--suppress-health-check", "all",
    ]  # fmt: skip
    own = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSVC_")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert "No such" not in done.stdout
    assert " passed" in done.stdout


@pytest.mark.parametrize("name", ROLES)
def test_each_role(service: Service, tmp_path: Path, name: str) -> None:
    attack(service, tmp_path, name, "fuzzing", 4)


def test_everything_as_somebody_with_every_right(service: Service, tmp_path: Path) -> None:
    attack(service, tmp_path, "chief", "examples,coverage,stateful", 5)


@pytest.mark.soak
@pytest.mark.parametrize("name", [*ROLES, "chief"])
def test_each_role_at_length(service: Service, tmp_path: Path, name: str) -> None:
    attack(service, tmp_path, name, "examples,coverage,fuzzing,stateful", 100)
