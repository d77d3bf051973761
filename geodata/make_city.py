"""Build the synthetic city: real borders and names, everything else invented, the right answers written beside.

python geodata/make_city.py OUT --components 5000 --unit-grids 300 --reports 2000 --seed 1
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from synthetic.area_files import write_areas, write_roads
from synthetic.areas import Areas, make_areas
from synthetic.catalogue import read_subclasses
from synthetic.component_files import Surveyed, component_codes, write_components
from synthetic.components import check_columns, make_components
from synthetic.decide import Decider
from synthetic.departments import make_departments
from synthetic.duties import make_duties, make_lanes
from synthetic.extent import make_lattice, read_districts
from synthetic.manifest import is_synthetic, write_manifest, write_readme
from synthetic.mesh import Mesh, make_mesh
from synthetic.places import Gazetteer, read_places
from synthetic.reports import write_reports
from synthetic.roads import make_roads
from synthetic.sizes import Sizes
from synthetic.tables import read_event_names, write_rosters, write_tables
from synthetic.world import World

HERE = Path(__file__).resolve().parent
BORDERS = HERE / "mianyang"
CATALOGUE = HERE / "catalogue"
LIMITS = {"components": (5_000, 5_000_000), "unit_grids": (300, 70_000), "reports": (1_000, 5_000_000)}


class Progress:
    """Says what was done and how long it took."""

    def __init__(self, quiet: bool) -> None:
        self.quiet, self.start = quiet, time.perf_counter()

    def done(self, what: str) -> None:
        if not self.quiet:
            print(f"{time.perf_counter() - self.start:7.1f} s  {what}", flush=True)


def main() -> int:
    """Read the command line, build, write."""
    arguments = _arguments()
    sizes = Sizes(arguments.components, arguments.unit_grids, arguments.reports, arguments.seed, arguments.edge_points)
    try:
        _make_room(arguments.out)
        build(arguments.out, sizes, Progress(arguments.quiet))
    except (ValueError, OSError) as error:
        print(f"make_city: {error}", file=sys.stderr)
        return 1
    return 0


def _make_room(out: Path) -> None:
    """Make the folder, or empty it of an earlier synthetic city's components; touch no other folder."""
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()) and not is_synthetic(out):
        raise ValueError(f"{out} is not empty and holds no synthetic city; name another folder")
    for file in [*out.glob("components_*.zip"), *out.glob("city.toml")]:
        file.unlink()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build a synthetic city in the folder OUT.")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--components", type=int, default=5_000)
    parser.add_argument("--unit-grids", type=int, default=300)
    parser.add_argument("--reports", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--edge-points", type=int, default=9, help="vertices inside an edge: 9 give 40 per unit grid")
    parser.add_argument("--quiet", action="store_true")
    arguments = parser.parse_args()
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(arguments, name) <= most:
            parser.error(f"--{name.replace('_', '-')} must lie between {least:,} and {most:,}")
    if arguments.seed < 0 or not 0 <= arguments.edge_points <= 50:
        parser.error("--seed must not be negative, --edge-points must lie between 0 and 50")
    return arguments


def build(out: Path, sizes: Sizes, progress: Progress) -> None:
    """Make the city and write the folder; each part draws from its own random stream."""
    write_readme(out, sizes)
    places = read_places(BORDERS)
    mesh, areas = _make_ground(sizes, places)
    write_areas(out, mesh, areas)
    progress.done(f"{mesh.size:,} unit grids and what is made of them")
    survey = _make_survey(sizes, places, mesh, areas)
    write_roads(out, survey.roads)
    files = write_components(out, survey)
    progress.done(f"{survey.components.size:,} components in {len(files)} shapefiles")
    duties, lanes = make_duties(areas, survey.departments), make_lanes(areas)
    events = read_event_names(CATALOGUE)
    write_tables(out, survey.departments, duties, lanes, events)
    write_rosters(out, areas, survey.departments, np.random.default_rng([sizes.seed, 6]))
    decider = Decider(duties, lanes, survey.departments)
    world = World(survey, decider, duties, {code: zh for code, (zh, _) in events.items()})
    write_reports(out, world, sizes.reports, sizes.seed)
    write_manifest(out, files)
    progress.done(f"{len(duties):,} duty rules, {sizes.reports:,} reports with their right answers")


def _make_ground(sizes: Sizes, places: Gazetteer) -> tuple[Mesh, Areas]:
    lattice = make_lattice(read_districts(BORDERS), sizes.unit_grids)
    mesh = make_mesh(lattice, sizes.edge_points, np.random.default_rng([sizes.seed, 1]))
    return mesh, make_areas(mesh, places, sizes, np.random.default_rng([sizes.seed, 2]))


def _make_survey(sizes: Sizes, places: Gazetteer, mesh: Mesh, areas: Areas) -> Surveyed:
    subclasses, roads = read_subclasses(CATALOGUE), make_roads(mesh)
    components = make_components(mesh, roads, subclasses, sizes.components, np.random.default_rng([sizes.seed, 3]))
    check_columns(components)
    codes = component_codes(mesh, subclasses, components)
    return Surveyed(mesh, areas, roads, subclasses, make_departments(places), components, codes, sizes.seed)


if __name__ == "__main__":
    sys.exit(main())
