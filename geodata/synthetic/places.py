"""Real names and codes of subdistricts and communities, in the order in which the city uses them."""

import csv
from dataclasses import dataclass
from pathlib import Path

DISTRICT_NAMES_EN = {"510703": "Fucheng District", "510704": "Youxian District", "510705": "Anzhou District"}
TAILS = ("居民委员会", "村民委员会", "居委会", "村委会", "委员会")
FEWEST_COMMUNITIES = 2


@dataclass(frozen=True)
class Place:
    """A district (6 digits), subdistrict (9) or community (12)."""

    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Gazetteer:
    """Subdistricts by district and communities by subdistrict; towns of the core come first."""

    districts: dict[str, Place]
    subdistricts: dict[str, list[Place]]
    communities: dict[str, list[Place]]

    def usable(self, district: str) -> list[Place]:
        """Subdistricts with enough communities to be divided."""
        return [s for s in self.subdistricts[district] if len(self.communities[s.code]) >= FEWEST_COMMUNITIES]


def read_places(folder: Path) -> Gazetteer:
    """Read `places.csv`: code (12 digits), parent, level (county, town, village), name_zh."""
    gazetteer = Gazetteer({}, {}, {})
    with (folder / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda r: r["code"]):
            _add(gazetteer, row["code"], row["level"], row["name_zh"])
    return gazetteer


def _add(gazetteer: Gazetteer, code: str, level: str, name: str) -> None:
    if level == "county":
        gazetteer.districts[code[:6]] = Place(code[:6], name, DISTRICT_NAMES_EN[code[:6]])
        gazetteer.subdistricts[code[:6]] = []
    elif level == "town":
        town = Place(code[:9], _town_name(name), f"Subdistrict {code[6:9]}, {DISTRICT_NAMES_EN[code[:6]]}")
        gazetteer.subdistricts[code[:6]].append(town)
        gazetteer.communities[code[:9]] = []
    else:
        name_en = f"Community {code[6:9]}-{code[9:12]}, {DISTRICT_NAMES_EN[code[:6]]}"
        gazetteer.communities[code[:9]].append(Place(code, _community_name(name), name_en))


def _town_name(name: str) -> str:
    if name.endswith("街道办事处"):
        return name.removesuffix("办事处")
    return name.removesuffix("办") if name.endswith("街道办") else name


def _community_name(name: str) -> str:
    for tail in TAILS:
        if name.endswith(tail) and len(name) > len(tail) + 1:
            return name.removesuffix(tail)
    return name
