"""`gridsvc batch`: what was imported, and what the checks found."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import NotFoundError
from gridsvc.store import batches

app = typer.Typer(help="Import batches.", no_args_is_help=True)


@app.command("list")
def list_batches(as_json: Json = False) -> None:
    """The last hundred batches, newest first."""
    with opened(Settings(), Right.IMPORT_DATA) as (conn, _):
        found, total = batches.batches(conn), batches.batch_count(conn)
    lines = [
        f"{row['id']:>5}  {row['staged_at']:%Y-%m-%d %H:%M}  {row['state']:<9} {row['layer']:<20} {row['file_name']}"
        for row in found
    ]
    if total > len(found):
        lines.append(f"these are the newest {len(found)} of {total:,}")
    show({"total": total, "batches": found}, "\n".join(lines) or "nothing was imported yet", as_json)


@app.command("show")
def show_batch(batch: Annotated[int, typer.Argument(help="Number of the batch.")], as_json: Json = False) -> None:
    """One batch with every finding of its checks."""
    with opened(Settings(), Right.IMPORT_DATA) as (conn, _):
        found = batches.batch(conn, batch)
        if found is None:
            raise NotFoundError(f"batch {batch} does not exist; `gridsvc batch list` shows those that do")
        findings = batches.findings_of(conn, batch)
    lines = [f"batch {batch}: {found['file_name']} into {found['layer']}, {found['state']}; {_counts(found['counts'])}"]
    lines += [
        f"  {f.severity:<8} {'feature ' + str(f.feature) if f.feature else 'file':<14} {f.message} [{f.rule}]"
        for f in findings
    ]
    show({**found, "findings": findings}, "\n".join(lines), as_json)


def _counts(counts: Mapping[str, Any]) -> str:
    """`read 3, promoted 2, …`; counts of findings by severity come inside."""
    flat = {**counts, **counts.get("findings", {})}
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in flat.items() if isinstance(count, int))
