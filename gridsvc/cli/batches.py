"""`gridsvc batch`: what was imported, what the checks found, what would change; promoting and taking back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from gridsvc.cli.context import opened
from gridsvc.cli.desk import watched
from gridsvc.cli.imports import promoted_line
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest import staging
from gridsvc.ingest.check import check_batch
from gridsvc.ingest.deeds import AFTER, changes_page
from gridsvc.ingest.desk import drop, the_batch
from gridsvc.ingest.diff import ACTIONS
from gridsvc.ingest.findings_file import FORMS, write_findings
from gridsvc.ingest.pipeline import holding
from gridsvc.ingest.promote import promote_batch
from gridsvc.ingest.rollback import roll_back
from gridsvc.jobs.desk import desk_of
from gridsvc.store import batches

app = typer.Typer(help="Import batches.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(help="Number of the batch.")]
MOST, ALL = 1_000, 1 << 62
"""Changes printed at once, and as JSON."""


@app.command("list")
def list_batches(as_json: Json = False) -> None:
    """The last hundred batches, newest first."""
    with opened(Settings(), Right.IMPORT_DATA) as (conn, _):
        found, total = batches.batches(conn), batches.batch_count(conn)
    lines = [
        f"{row['id']:>5}  {row['staged_at']:%Y-%m-%d %H:%M}  {row['state']:<11} {row['layer']:<20} "
        f"{plain_line(row['file_name'])}"
        for row in found
    ]
    if total > len(found):
        lines.append(f"these are the newest {len(found)} of {total:,}")
    show({"total": total, "batches": found}, "\n".join(lines) or "nothing was imported yet", as_json)


@app.command("show")
def show_batch(batch: Number, as_json: Json = False) -> None:
    """One batch with every finding of its checks, and what was set aside."""
    with opened(Settings(), Right.IMPORT_DATA) as (conn, _):
        found = the_batch(conn, batch)
        findings, rejected = batches.findings_of(conn, batch), batches.rejected_of(conn, batch)
    lines = [f"batch {batch}: {found['file_name']} into {found['layer']}, {found['state']}; {_counts(found['counts'])}"]
    lines += [found["error"]] if found["error"] else []
    lines += [f"  {f.severity:<8} {_place(f.layer, f.feature):<24} {f.message} [{f.rule}]" for f in findings]
    lines += [f"  set aside {_place(row['layer'], row['feature']):<24} {row['reason']}" for row in rejected]
    shown = [{**vars(finding), "geom": finding.geom and finding.geom.wkt} for finding in findings]
    show({**found, "findings": shown, "rejected": rejected}, "\n".join(map(plain_line, lines)), as_json)


@app.command("diff")
def diff(
    batch: Number,
    only: Annotated[str | None, typer.Option(help=f"One of {', '.join((*ACTIONS, 'retired'))}.")] = None,
    as_json: Json = False,
) -> None:
    """What promoting a checked batch would change, or what a promoted one did."""
    with opened(Settings(), Right.IMPORT_DATA, as_system=True) as (conn, city):
        found = the_batch(conn, batch)
        most = ALL if as_json else MOST
        if found["state"] in AFTER:
            total, done = changes_page(conn, found, city.srid, only, most, 0)
            rows = [{**one, "fields": ",".join(one["fields"]), "moved": one["moved_m"]} for one in done]
        else:
            total, rows = _would(staging.folder_of(Settings().staging, batch), only, most)
    totals = found["counts"].get("changes", {})
    lines = [f"batch {batch}: " + ", ".join(f"{count:,} {name}" for name, count in totals.items())]
    lines += [_change(row) for row in rows]
    lines += [f"these are the first {MOST:,} of {total:,}"] if total > len(rows) else []
    show({"totals": totals, "changes": rows if as_json else []}, "\n".join(map(plain_line, lines)), as_json)


def _would(folder: Path, only: str | None, most: int) -> tuple[int, list[dict[str, Any]]]:
    if only is not None and only not in ACTIONS:
        raise InputError(f"--only {only!r}: one of {', '.join(ACTIONS)}")
    table = staging.changes(folder, [0, 1, 3, 4] if only is None else [ACTIONS.index(only)])
    return table.num_rows, [{**row, "action": ACTIONS[row["action"]]} for row in table.slice(0, most).to_pylist()]


@app.command("check")
def check(batch: Number, as_json: Json = False) -> None:
    """Check a batch again: its file is read anew and compared with the store as it is now."""
    settings = Settings()
    with (
        opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city),
        watched(desk_of(settings, city)) as desk,
        holding(conn, batch),
    ):
        checked = check_batch(conn, desk, batch)
    show(checked.counts, f"batch {batch}: {_counts(checked.counts)}", as_json)


@app.command("promote")
def promote(batch: Number, as_json: Json = False) -> None:
    """Put a checked batch into the store."""
    settings = Settings()
    with opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city), watched(desk_of(settings, city)) as desk:
        with holding(conn, batch):
            done = promote_batch(conn, desk, batch)
        name = the_batch(conn, batch)["file_name"]
    show(done, promoted_line(name, done), as_json)


@app.command("rollback")
def rollback(batch: Number, as_json: Json = False) -> None:
    """Make the components that a batch changed again what they were; refused where later changes rest on it."""
    settings = Settings()
    with opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city), holding(conn, batch):
        done = roll_back(conn, desk_of(settings, city), batch)
    line = f"batch {batch} is rolled back: {done.removed:,} removed, {done.restored:,} are again what they were"
    show(done, line, as_json)


@app.command("drop")
def drop_batch(batch: Number) -> None:
    """Give a batch up that was not promoted."""
    settings = Settings()
    with opened(settings, Right.IMPORT_DATA, as_system=True) as (conn, city), holding(conn, batch):
        drop(conn, desk_of(settings, city), batch)
    typer.echo(f"batch {batch} is dropped")


@app.command("findings")
def findings_file(
    batch: Number,
    file: Annotated[Path, typer.Argument(help=f"File to write; it ends in {', '.join('.' + form for form in FORMS)}.")],
    language: Annotated[str, typer.Option(help="zh or en.")] = "zh",
) -> None:
    """What the checks found as a table or a map layer, to send back to the surveyor."""
    with opened(Settings(), Right.IMPORT_DATA) as (conn, city):
        the_batch(conn, batch)
        write_findings(batches.all_findings(conn, batch), file, file.suffix.lower().lstrip("."), city.srid, language)
    typer.echo(f"{file}")


def _place(layer: str | None, feature: int | None) -> str:
    return f"{layer} feature {feature}" if feature else (layer or "file")


def _change(row: Mapping[str, Any]) -> str:
    what = row["code"] or (f"row {row['row'] + 1}" if row["row"] >= 0 else f"component {row['component']}")
    fields = f" {row['fields']}" if row["fields"] else ""
    moved = f", moved {row['moved']:.2f} m" if row["moved"] else ""
    return f"  {row['action']:<10} {what}{fields}{moved}"


def _counts(counts: Mapping[str, Any]) -> str:
    """`read 3, added 2, …`; counts of findings and changes come inside."""
    flat = {**counts, **counts.get("findings", {}), **counts.get("changes", {})}
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in flat.items() if type(count) is int)
