"""Team templates in: a table of posts, a template being the rows that name it."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from gridsvc.domain.rosters import Post, Team
from gridsvc.errors import FileError, InputError, one_of
from gridsvc.ingest.tables import read_table
from gridsvc.store import rosters
from gridsvc.store.connection import Connection

OF_TEMPLATE = ("template", "template_zh", "template_en", "used_for", "source")
YES_NO = {"true": True, "false": False}


def load_teams(conn: Connection, file: Path, *, first: bool = False) -> int:
    """The templates of a file, and for which kinds of area they hold; `first`: unless another does already."""
    rows = read_table(file, dict, lambda row: (row.get("template"), row.get("post"), row.get("service")))
    templates: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
    for line, row in enumerate(rows, start=2):
        templates[row.get("template", "")].append((line, row))
    teams = [_team(file, each) for each in templates.values()]
    rosters.declare_teams(conn, teams)
    for team, each in zip(teams, templates.values(), strict=True):
        for kind in each[0][1]["used_for"].split():
            rosters.use_team(conn, kind, team.template, first=first)
    return len(teams)


def use_teams(conn: Connection, chosen: Mapping[str, str]) -> None:
    """By kind of area: the template that holds for it from now on."""
    known = list(rosters.teams(conn))
    for kind, template in chosen.items():
        if template not in known:
            raise one_of("team template", template, known, zh="岗位模板")
        rosters.use_team(conn, kind, template)


def _team(file: Path, rows: list[tuple[int, dict[str, str]]]) -> Team:
    line, head = rows[0]
    try:
        posts = []
        for number, row in rows:
            line = number
            if any(row[name] != head[name] for name in OF_TEMPLATE):
                raise InputError(f"of template {head['template']} it says something else than the rows before it")
            posts.append(_post(row))
        return Team(
            template=head["template"], name_zh=head["template_zh"], name_en=head["template_en"],
            source=head["source"], posts=tuple(posts),
        )  # fmt: skip
    except KeyError as error:
        raise FileError(file.name, f"the column {error} is missing") from error
    except (InputError, ValueError) as error:
        raise FileError(file.name, f"line {line}: {error}") from error


def _post(row: Mapping[str, str]) -> Post:
    names = ("post", "service", "name_zh", "name_en", "service_zh", "service_en")
    for name in ("template", "post", "name_zh", "name_en"):
        if not row[name]:
            raise InputError(f"{name} is empty")
    return Post(
        **{name: row[name] for name in names},
        least=int(row["least"]),
        most=int(row["most"]) if row["most"] else None,
        leads=_yes(row["leads"]),
        elsewhere=_yes(row["elsewhere"]),
    )


def _yes(text: str) -> bool:
    if text not in YES_NO:
        raise InputError(f"{text!r} is neither true nor false")
    return YES_NO[text]
