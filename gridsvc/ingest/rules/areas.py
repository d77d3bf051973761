"""Area layers: codes of their scheme, parents that exist, no overlaps."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridsvc.domain.areas import fits_scheme
from gridsvc.ingest.rules.contract import Context, Staged, rule

Found = Iterator[tuple[int | None, str]]


@rule("An area code follows the scheme of its kind", targets="areas")
def code_scheme(staged: Staged, context: Context) -> Found:
    scheme = context.kinds[staged.layer.target].code_scheme
    for row, code in enumerate(staged.fields["code"]):
        if code is not None and not fits_scheme(code, scheme):
            yield row, f"code {code!r} does not follow the scheme {scheme} of {staged.layer.target}"


@rule("The parent of an area exists", targets="areas")
def parent_exists(staged: Staged, context: Context) -> Found:
    parent = context.kinds[staged.layer.target].parent
    if parent is None:
        return
    known = context.area_codes(parent)
    for row, code in enumerate(staged.fields["parent_code"]):
        if code is None:
            yield row, f"it names no {parent} that it lies in"
        elif code not in known:
            yield row, f"it lies in {parent} {code}, which does not exist"


@rule("Areas that must tile share their edges", severity="warning", targets="areas")
def tiles(staged: Staged, context: Context) -> Found:
    if not context.kinds[staged.layer.target].must_tile:
        return
    if not staged.usable.all() or not shapely.is_valid(staged.shapes).all():
        return
    edges = shapely.coverage_invalid_edges(staged.shapes)
    for row in np.flatnonzero(~shapely.is_empty(edges)):
        yield int(row), f"{shapely.length(edges[row]):.1f} m of its edge overlap a neighbour or miss it"
