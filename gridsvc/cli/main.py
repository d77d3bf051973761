"""`gridsvc`: the command line. Exit code 0 good, 1 the input or the installation is wrong, 2 wrong use."""

import os
import signal
import sys

import typer
from pydantic import ValidationError

from gridsvc import __version__
from gridsvc.cli import (
    areas,
    batches,
    cases,
    channels,
    city,
    components,
    db,
    departments,
    doctor,
    due,
    export,
    figures,
    imports,
    locate,
    maps,
    places,
    records,
    reports,
    rosters,
    rules,
    server,
    simulate,
    taxonomies,
    users,
    whistles,
)
from gridsvc.config import Settings
from gridsvc.errors import GridsvcError

app = typer.Typer(
    help="City grids, urban components and departments on PostGIS: where is it, who is responsible, is it done.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(city.init)
app.add_typer(db.app, name="db")
app.command("import")(imports.import_layer)
app.add_typer(batches.app, name="batch")
app.add_typer(components.app, name="component")
app.add_typer(areas.app, name="areas")
app.add_typer(rosters.app, name="roster")
app.add_typer(rules.app, name="rules")
app.add_typer(departments.app, name="departments")
app.add_typer(taxonomies.app, name="taxonomies")
reports.app.command("show")(cases.show_report_of)
reports.app.command("move")(cases.move_report_of)
reports.app.command("to-confirm")(cases.to_confirm)
app.add_typer(reports.app, name="reports")
app.add_typer(cases.app, name="cases")
app.add_typer(channels.app, name="channels")
app.add_typer(places.app, name="places")
reports.route.command("simulate")(simulate.simulate_rules)
app.add_typer(reports.route, name="route")
app.add_typer(maps.app, name="map")
app.add_typer(users.app, name="user")
app.add_typer(records.audit, name="audit")
app.add_typer(records.keep, name="retention")
app.add_typer(records.seen, name="visibility")
app.add_typer(export.app, name="export")
app.command()(locate.locate)
app.command()(due.due)
app.command()(figures.figures)
app.add_typer(whistles.app, name="whistle")
app.add_typer(due.app, name="calendar")
app.command()(doctor.doctor)
app.command()(server.serve)
app.command("work")(server.work_alone)
app.command()(city.demo)


@app.callback(invoke_without_command=True)
def options(
    show: bool = typer.Option(False, "--version", help="Print the version."),
    account: str = typer.Option("", "--as", help="Account to act as; GRIDSVC_ACCOUNT, or admin, if not said."),
) -> None:
    if account:
        os.environ["GRIDSVC_ACCOUNT"] = account
    if show:
        typer.echo(f"gridsvc {__version__}")
        raise typer.Exit


def main() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):  # so that whoever started a database stops it too
        signal.signal(number, lambda *got: sys.exit(128 + got[0]))
    try:
        app()
    except GridsvcError as error:
        typer.echo(f"gridsvc: {error}", err=True)
        sys.exit(1)
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for wrong in error.errors():
            name = "_".join(map(str, wrong["loc"])).upper()
            typer.echo(f"gridsvc: the setting GRIDSVC_{name} is wrong: {wrong['msg']}", err=True)
        sys.exit(2)
    except OSError as error:
        typer.echo(f"gridsvc: {error.filename or 'the system'}: {error.strerror or error}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
