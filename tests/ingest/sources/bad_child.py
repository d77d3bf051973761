"""A reader that a file made do something bad: what it does is the file's name. Started instead of the real one."""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from gridsvc.ingest.sources import child
from gridsvc.ingest.sources.model import Limits


def eat() -> None:
    kept = []
    while True:
        kept.append(bytearray(32 << 20))


def spin() -> None:
    while True:
        pass


def write() -> None:
    with open("much", "wb") as target:  # noqa: PTH123
        while True:
            target.write(bytes(1 << 20))
            target.flush()


DEEDS: dict[str, Callable[[], object]] = {
    "eat": eat,
    "spin": spin,
    "sleep": lambda: time.sleep(60),
    "crash": os.abort,
    "write": write,
    "leave": lambda: os._exit(0),
    "bug": lambda: {}["absent"],
    "tell": lambda: sys.stdout.write(str(sorted(os.environ))),
}


def run(task: dict[str, Any], _limits: Limits) -> list[dict[str, str]]:
    print("[]" if task["file_name"] != "tell" else "", end="", flush=True)
    DEEDS[task["file_name"]]()
    return []


if __name__ == "__main__":
    child._do = run
    child.main()
