"""`gridsvc db`: the embedded database."""

import json
import os
from collections import deque
from dataclasses import asdict
from typing import Annotated

import typer

from gridsvc.config import Settings
from gridsvc.errors import SetupError
from gridsvc.localdb import Cluster, ClusterStatus

app = typer.Typer(help="The embedded PostgreSQL cluster: start it, stop it, look at it.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines to print.")]


@app.command()
def up(as_json: Json = False) -> None:
    """Make the cluster if there is none, and start it."""
    cluster = _cluster()
    changed = cluster.up()
    _show(cluster.status(), "started" if changed else "was running already", as_json, changed)


@app.command()
def down(as_json: Json = False) -> None:
    """Stop the cluster; no process is left."""
    cluster = _cluster()
    changed = cluster.down()
    _show(cluster.status(), "stopped" if changed else "was not running", as_json, changed)


@app.command()
def status(as_json: Json = False) -> None:
    """Tell whether the cluster exists and runs, and where."""
    found = _cluster().status()
    _show(found, "runs" if found.running else "does not run" if found.exists else "does not exist yet", as_json)


@app.command()
def log(lines: Lines = 40) -> None:
    """Print the last lines of the server's log."""
    file = _cluster().log_path
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in deque(stream, maxlen=lines):
                typer.echo(line, nl=False)
    except OSError as error:
        raise SetupError(f"{file} cannot be read: {error.strerror}") from error


def _cluster() -> Cluster:
    return Cluster(Settings().data_folder)


def _show(status: ClusterStatus, verdict: str, as_json: bool, changed: bool | None = None) -> None:
    facts = {name: str(value) if isinstance(value, os.PathLike) else value for name, value in asdict(status).items()}
    if as_json:
        typer.echo(json.dumps(facts if changed is None else {**facts, "changed": changed}, ensure_ascii=False))
        return
    typer.echo(f"The embedded database {verdict}.")
    for name, value in facts.items():
        if value is not None and not isinstance(value, bool):
            typer.echo(f"  {name.replace('_', ' '):14} {value}")
    if Settings().database_url is not None:
        typer.echo("GRIDSVC_DATABASE_URL is set: the service uses that server, not the embedded database.")
