"""The process that reads: its own memory, its own time. Started by `reader`, never imported by others.

stdin: the task as JSON. stdout: record batches as an Arrow stream, or the answer as JSON. A third pipe: how it went.
"""

import json
import os
import shutil
import sys
from dataclasses import asdict
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

from gridsvc.errors import FileError, InputError
from gridsvc.ingest.sources import cage
from gridsvc.ingest.sources.model import Choice, Limits


class Unused(MetaPathFinder):
    """pyogrio and pyarrow load these where they are found: half a second for nothing."""

    def find_spec(self, fullname: str, *_: Any) -> None:
        if fullname in ("geopandas", "pandas"):
            raise ModuleNotFoundError(fullname, name=fullname)


def main() -> None:
    """Arguments: the pipe for the report, the parent, the task's name. The working folder goes with the process."""
    cage.end_with(int(sys.argv[2]))
    folder = Path.cwd()
    try:
        outcome = _prepared()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    with os.fdopen(int(sys.argv[1]), "w", encoding="utf-8") as pipe:
        json.dump(outcome, pipe)


def _prepared() -> dict[str, Any]:
    if sys.argv[3] != "hash":
        sys.meta_path.insert(0, Unused())
        import pyogrio

        cage.only_our_drivers(list(pyogrio.list_drivers()))
    return run(json.loads(sys.stdin.buffer.read()))


def run(task: dict[str, Any]) -> dict[str, Any]:
    """What happened, as JSON has it: `done` with notes, or what was wrong."""
    try:
        limits = Limits(**task["limits"])
        cage.close(limits)
        return {"done": _do(task, limits)}
    except FileError as error:
        return {"file": error.file, "cause": error.cause, "feature": error.feature, "zh": error.zh}
    except InputError as error:
        return {"input": str(error), "zh": error.zh}
    except MemoryError:
        return {"memory": True}
    except BrokenPipeError:
        return {"done": []}  # nobody wants more of it
    except RecursionError:
        return {"failed": "nested too deeply"}
    except Exception as error:  # whatever a library raises of a damaged file is the file's fault, and told as that
        return {"failed": " ".join(f"{type(error).__name__}: {error}".split())[:300]}


def _do(task: dict[str, Any], limits: Limits) -> list[dict[str, str]]:
    kept, file_name = Path(task["kept"]), task["file_name"]
    if sys.argv[3] == "hash":
        from gridsvc.ingest.sources.hashing import hash_of

        sys.stdout.write(json.dumps(hash_of(kept, file_name, limits)))
        return []
    if sys.argv[3] == "pictures":
        from gridsvc.ingest.sources.stripping import write_pictures

        write_pictures(kept, file_name, limits, task["layers"], sys.stdout.buffer)
        sys.stdout.flush()
        return []
    from gridsvc.ingest.sources import tasks

    choice = Choice(
        layers=tuple(task["layers"]), encoding=task["encoding"],
        coordinate_columns=tuple(task["coordinate_columns"]) if task["coordinate_columns"] else None,
        headings=tuple(task["headings"]),
    )  # fmt: skip
    folder = Path.cwd()
    if sys.argv[3] == "inspect":
        sys.stdout.write(json.dumps(tasks.inspected(kept, file_name, limits, folder)))
        return []
    target, look = sys.stdout.buffer, task["look"]
    return [asdict(note) for note in tasks.streamed(kept, file_name, choice, limits, folder, target, look=look)]


if __name__ == "__main__":
    main()
