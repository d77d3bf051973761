"""Running `gridsvc` as a person does, in this process or in its own."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from gridsvc.cli.main import main


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command ended with and said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Gridsvc = Callable[..., Said]


def runner(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gridsvc:
    def run(*arguments: object) -> Said:
        monkeypatch.setenv("GRIDSVC_ACCOUNT", "admin")  # --as holds for its process, and all of these share one
        monkeypatch.setattr(sys, "argv", ["gridsvc", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return Said(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    return run
