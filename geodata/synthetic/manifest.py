"""city.toml and README.txt of the city folder."""

from pathlib import Path

from synthetic.areas import KINDS
from synthetic.departments import FALLBACK
from synthetic.duties import SPECIFICITY
from synthetic.reports import CHANNELS
from synthetic.sizes import Sizes

NAMES = {
    "district": ("区县", "District"),
    "subdistrict": ("街道", "Subdistrict"),
    "community": ("社区", "Community"),
    "unit_grid": ("单元网格", "Unit grid"),
    "community_grid": ("社区网格", "Community grid"),
    "responsibility_grid": ("责任网格", "Responsibility grid"),
    "sub_grid": ("子网格", "Sub-grid"),
    "patrol_grid": ("监督员责任网格", "Patrol grid"),
}
PARENTS = {
    "subdistrict": "district",
    "community": "subdistrict",
    "unit_grid": "community",
    "community_grid": "community",
    "responsibility_grid": "subdistrict",
    "sub_grid": "responsibility_grid",
}
MADE_OF = ("community_grid", "responsibility_grid", "sub_grid", "patrol_grid")
FAULTY = ("responsibility_grid", "sub_grid", "patrol_grid")  # gaps and overlaps are planted here
CODED = ("district", "subdistrict", "community", "unit_grid")
COMPONENT_FIELDS = {
    "code": "ObjID", "subclass_name": "ObjName", "authority": "DeptCode1", "owner": "DeptCode2",
    "maintainer": "DeptCode3", "unit_grid": "BGID", "position": "ObjPos", "state": "ObjState",
    "surveyed_at": "ORDate", "changed_at": "CHDate", "data_source": "DataSource", "note": "Note",
}  # fmt: skip
REPORT_FIELDS = (
    "external_id", "channel", "kind", "category", "reported_at", "closed_at", "lon", "lat", "accuracy_m",
    "component_code", "address", "description",
)  # fmt: skip

README = """SYNTHETIC CITY 合成城市

Nothing here describes the real Mianyang. Real are: the names and codes of districts, subdistricts and communities
(state of 2016), and the course of the border between districts, to some tens of metres. Everything else is invented:
the borders of subdistricts, communities and all grids, streets, departments and their duties, people, telephone
numbers, components, reports.

The city is the part of the districts that is managed: about {area} km2 around the centre, not whole districts.
A `district` in these files is that part of the district.

Made with: --components {components} --unit-grids {unit_grids} --reports {reports} --seed {seed} --edge-points {edge}
truth.csv holds the right answer to each report; the rules behind it stand in geodata/synthetic/README.md.
"""


def write_readme(folder: Path, sizes: Sizes) -> None:
    """Write README.txt, which also marks the folder as a synthetic city."""
    text = README.format(
        area=f"{sizes.unit_grids / 100:.0f}",
        components=sizes.components,
        unit_grids=sizes.unit_grids,
        reports=sizes.reports,
        seed=sizes.seed,
        edge=sizes.edge_points,
    )
    (folder / "README.txt").write_text(text, encoding="utf-8", newline="\n")


def is_synthetic(folder: Path) -> bool:
    """Whether an earlier run, complete or not, made this folder."""
    mark = folder / "README.txt"
    return mark.is_file() and mark.read_text(encoding="utf-8").startswith(README.splitlines()[0])


def write_manifest(folder: Path, component_files: list[str]) -> None:
    """Write city.toml."""
    blocks = [_city(), *map(_kind, KINDS), *map(_area, KINDS), *map(_component, component_files), _rest()]
    (folder / "city.toml").write_text("\n".join(blocks), encoding="utf-8", newline="\n")


def _city() -> str:
    return f"""# Synthetic: see README.txt
[city]
name_zh = "绵阳（合成）"
name_en = "Mianyang (synthetic)"
crs = "EPSG:4544"
district_code = "510703"
time_zone = "Asia/Shanghai"
synthetic = true
heat_kind = "community"

[routing]
fallback_department = "{FALLBACK}"
"""


def _kind(kind: str) -> str:
    zh, en = NAMES[kind]
    lines = ["[[area_kinds]]", f'kind = "{kind}"', f'name_zh = "{zh}"', f'name_en = "{en}"']
    if kind in PARENTS:
        lines.append(f'parent = "{PARENTS[kind]}"')
    if kind in MADE_OF:
        lines.append('made_of = "unit_grid"')
    lines.append(f"must_tile = {str(kind not in FAULTY).lower()}")
    lines.append(f'code_scheme = "{kind if kind in CODED else "free"}"')
    lines.append(f"specificity = {SPECIFICITY[kind]}")
    return "\n".join(lines) + "\n"


def _area(kind: str) -> str:
    lines = ["[[areas]]", f'layer = "{kind}"', f'file = "{kind}.zip"', f'kind = "{kind}"', "[areas.fields]"]
    lines += ['code = "CODE"', 'name_zh = "NAME"', 'name_en = "NAME_EN"', 'valid_from = "STARTDATE"']
    if kind in PARENTS:
        lines.append('parent_code = "PARENT"')
    return "\n".join(lines) + "\n"


def _component(name: str) -> str:
    fields = [f'{target} = "{source}"' for target, source in COMPONENT_FIELDS.items()]
    head = ["[[components]]", f'layer = "{name.removesuffix(".zip")}"', f'file = "{name}"', "to_point = false"]
    return "\n".join([*head, "[components.fields]", *fields]) + "\n"


def _rest() -> str:
    channels = [
        f'[[channels]]\nchannel = "{code}"\nname_zh = "{zh}"\nname_en = "{en}"\nconfirmed = {str(sure).lower()}\n'
        for code, (_, zh, en, sure) in CHANNELS.items()
    ]
    fields = [f'{name} = "{name}"' for name in REPORT_FIELDS] + ['subclass_code = "subclass_code"']
    tables = (
        "[tables]",
        'departments = "departments.csv"',
        'taxonomy = "taxonomy.csv"',
        'duties = ["duties.csv"]',
        'lanes = "lanes.csv"',
        'rosters = "rosters.csv"',
        'truth = "truth.csv"',
    )
    roads = '[[roads]]\nlayer = "roads"\nfile = "roads.zip"\n[roads.fields]\nname_zh = "NAME"\nname_en = "NAME_EN"\n'
    reports = "\n".join(["[[reports]]", 'file = "reports.csv.gz"', "[reports.fields]", *fields]) + "\n"
    return "\n".join([roads, "\n".join(tables) + "\n", *channels, reports])
