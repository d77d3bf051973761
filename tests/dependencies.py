"""`make check`: do the pinned packages have known vulnerabilities? Where no advisory service is in reach it says so."""

import json
import subprocess
import sys
from typing import Any

LOCK = "requirements.lock"
ASK = [
    "pip_audit", "--requirement", LOCK, "--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off",
]  # fmt: skip


def verdict(told: str, complaint: str = "") -> tuple[int, str]:
    """Exit code and words for what pip-audit printed and complained about; no network is no fault, all else is."""
    try:
        packages: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except (ValueError, KeyError):
        cut_off = any(word in complaint for word in ("ConnectionError", "Max retries", "timed out", "ServiceError"))
        return int(not cut_off), f"known vulnerabilities: not asked; {complaint.strip()[-500:] or 'no answer'}"
    bad = [f"{one['name']} {one['version']}: {found['id']}" for one in packages for found in one.get("vulns", [])]
    silent = sum("skip_reason" in one for one in packages)
    head = f"known vulnerabilities: {len(bad)} in {len(packages) - silent} packages"
    head += f"; {silent} could not be asked about, no advisory service is in reach" if silent else ""
    return int(bool(bad)), "\n".join([head, *bad])


def main() -> None:
    subprocess.run([sys.executable, "-m", "pip", "check"], check=True)
    asked = subprocess.run([sys.executable, "-m", *ASK], capture_output=True, text=True, check=False)
    code, words = verdict(asked.stdout, asked.stderr)
    print(words)
    sys.exit(code)


if __name__ == "__main__":
    main()
