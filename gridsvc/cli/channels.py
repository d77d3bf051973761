"""`gridsvc channels`."""

import typer

from gridsvc.casework.channels import all_channels
from gridsvc.cli.context import opened
from gridsvc.cli.output import Json, plain_line, show
from gridsvc.config import Settings
from gridsvc.domain.access import Right

app = typer.Typer(help="The channels that reports come by.", no_args_is_help=True)
SETTINGS = {
    "confirmed": ("at once registered", "to be confirmed first"),
    "open_to_public": ("open to the public", "for staff"),
    "folds": ("folds duplicates", "proposes duplicates"),
}
"""What it means that one is set, and that it is not."""


@app.command("list")
def list_channels(as_json: Json = False) -> None:
    """The channels with their settings, and when reports may mean one problem."""
    with opened(Settings(), Right.SEE_REPORTS) as (conn, _):
        found = all_channels(conn)
    lines = [
        f"{one['channel']:<16} {one['name_zh']} / {one['name_en']}: "
        + ", ".join(words[0] if one[name] else words[1] for name, words in SETTINGS.items())
        for one in found["channels"]
    ]
    rules = [
        {"kind": "", "subclass_code": "usually", **found["duplicates"]["usual"]},
        *found["duplicates"]["by_subclass"],
    ]
    lines += [
        f"duplicates {rule['kind']} {rule['subclass_code']}: within {rule['radius_m']:g} m and {rule['minutes']} min, "
        f"surely within {rule['fold_m']:g} m"
        for rule in rules
    ]
    show(found, "\n".join(map(plain_line, lines)), as_json)
