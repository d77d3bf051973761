"""Every SQL statement of the product, by name, from `sql/*.sql`.

A query is a comment line `-- name: what it answers`, then the statement. Parameters are `%(name)s`.
"""

import re
from functools import cache
from pathlib import Path
from typing import LiteralString

HEAD = re.compile(r"^-- (?P<name>[a-z][a-z0-9_]*): (?P<answers>\S.*)$", re.MULTILINE)
FOLDER = Path(__file__).parent / "sql"


@cache
def queries() -> dict[str, LiteralString]:
    """Names to statements. The files are ours, so the text counts as literal."""
    found: dict[str, LiteralString] = {}
    for file in sorted(FOLDER.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        heads = list(HEAD.finditer(text))
        ends = [head.start() for head in heads[1:]] + [len(text)]
        for head, end in zip(heads, ends, strict=True):
            if head["name"] in found:
                raise ValueError(f"{file.name}: the query {head['name']} exists twice")
            found[head["name"]] = text[head.end() : end].strip().rstrip(";")
    return found


def sql(name: str) -> LiteralString:
    return queries()[name]
