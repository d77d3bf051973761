"""The 124 component subclasses: how many of each a city has, and who is responsible for them."""

import csv
from dataclasses import dataclass
from pathlib import Path

from synthetic.departments import ROOT, bureau

FEWEST = 3  # of any subclass
ACCURACY_M = {"A": 0.5, "B": 1.0, "C": 10.0}  # root mean square error of a survey

# Per mille of all components; others share what is left: 1 for clearly bounded points, less for the large and rare.
COMMON = {
    "0402": 165, "0599": 115, "0104": 90, "0103": 80, "0102": 62, "0307": 60, "0101": 52, "0107": 46, "0213": 44,
    "0221": 40, "0105": 30, "0305": 28, "0404": 24, "0111": 20, "0130": 20, "0150": 18, "0131": 15, "0106": 14,
    "0595": 14, "0214": 10, "0212": 10, "0220": 10, "0597": 8, "0407": 8, "0306": 8, "0217": 8, "0598": 6, "0408": 6,
    "0123": 5, "0499": 4, "0124": 5, "0225": 3, "0201": 2,
}  # fmt: skip
RARE = {"A": 1.2, "B": 0.9, "C": 0.15}

# Longest prefix wins: authority, owner, maintainer. "D:XX" is the district's bureau, the rest the city's department.
PARTIES = {
    "01": ("D:ZF", "D:SZ", "D:SZ"),
    "0101": ("SW", "U01", "U01"),
    "0102": ("D:ZJ", "U02", "D:SZ"),
    "0103": ("D:ZJ", "D:SZ", "U02"),
    "0104": ("D:ZJ", "D:SZ", "U02"),
    "0105": ("JX", "U04", "U04"),
    "0106": ("CG", "U10", "U11"),
    "0107": ("JX", "U06", "U06"),
    "0108": ("WG", "U09", "U09"),
    "0109": ("JX", "U07", "U08"),
    "0110": ("ZJ", "U05", "U05"),
    "0111": ("ZJ", "U03", "U03"),
    "0112": ("JJ", "JJ", "U18"),
    "0114": ("D:YL", "D:YL", "U17"),
    "0117": ("JT", "U12", "U12"),
    "0124": ("YJ", "U01", "U01"),
    "0127": ("JX", "U06", "U08"),
    "0128": ("JX", "U04", "U04"),
    "0129": ("JX", "U04", "U04"),
    "0130": ("JX", "U04", "U04"),
    "0131": ("JX", "U07", "U08"),
    "0140": ("D:ZF", "U19", "U19"),
    "0142": ("JX", "U13", "U13"),
    "0145": ("SJ", "U19", "U19"),
    "0147": ("JX", "U04", "U04"),
    "0148": ("JX", "U04", "U04"),
    "0149": ("ZJ", "U03", "U03"),
    "0150": ("JJ", "JJ", "U18"),
    "0154": ("JX", "U15", "U15"),
    "0157": ("ZJ", "U03", "U03"),
    "0196": ("SJ", "U19", "U19"),
    "0198": ("D:YJ", "U15", "U15"),
    "02": ("JJ", "D:JT", "U18"),
    "0201": ("JJ", "U14", "U14"),
    "0202": ("JJ", "U14", "U14"),
    "0204": ("JT", "U12", "U12"),
    "0212": ("ZR", "D:JT", "D:SZ"),
    "0230": ("SW", "D:SL", "D:SL"),
    "03": ("D:ZF", "D:HW", "D:HW"),
    "0306": ("CG", "U16", "U16"),
    "0307": ("D:ZF", "D:ZF", "U16"),
    "0309": ("HB", "HB", "HB"),
    "0310": ("QX", "QX", "QX"),
    "0311": ("HB", "HB", "U02"),
    "04": ("YL", "D:YL", "U17"),
    "0402": ("YL", "D:YL", "D:YL"),
    "05": ("CG", "U10", "U11"),
    "0501": ("RF", "RF", "RF"),
    "0502": ("ZJ", "D:ZJ", "D:ZJ"),
    "0503": ("JX", "U15", "U15"),
    "0504": ("ZJ", "U03", "U03"),
    "0505": ("ZJ", "D:ZJ", "D:ZJ"),
    "0506": ("SW", "D:SL", "D:SL"),
    "0507": ("SW", "D:SL", "D:SL"),
    "0508": ("SW", "D:SL", "D:SL"),
    "0509": ("JT", "D:JT", "D:JT"),
    "0510": ("YJ", "D:YJ", "D:YJ"),
    "0599": ("CG", "D:SZ", "U11"),
}  # fmt: skip


@dataclass(frozen=True)
class Subclass:
    """A component subclass; `survey_code` is the national code where one is known, else the city's own."""

    code: str
    name_zh: str
    name_en: str
    geometry: str
    accuracy: str
    survey_code: str

    def parties(self, district: str) -> tuple[str, str, str]:
        """Authority, owner and maintainer of such a component that belongs to this district."""
        roles = PARTIES.get(self.code) or PARTIES[self.code[:2]]
        authority, owner, maintainer = (_resolve(role, district) for role in roles)
        return authority, owner, maintainer


def _resolve(role: str, district: str) -> str:
    return bureau(district, role[2:]) if role.startswith("D:") else f"{ROOT}-{role}"


def read_subclasses(folder: Path) -> list[Subclass]:
    """Read `components_124.csv` and `component_code_evidence.csv`."""
    with (folder / "component_code_evidence.csv").open(encoding="utf-8", newline="") as file:
        national = {row["subclass_code"]: row["gbt_code"] for row in csv.DictReader(file)}
    with (folder / "components_124.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result = [
        Subclass(
            code := row["subclass_code"],
            row["subclass_zh"],
            row["subclass_en"],
            row["geometry"],
            row["accuracy_class"],
            national.get(code) or code,
        )
        for row in rows
    ]
    if len({s.survey_code for s in result}) != len(result):
        raise ValueError("two component subclasses share a survey code")
    return result


def counts(subclasses: list[Subclass], total: int) -> list[int]:
    """How many components of each subclass; they add up to `total`."""
    weights = [COMMON.get(s.code) or RARE[s.accuracy] for s in subclasses]
    result = [max(FEWEST, int(total * weight / sum(weights))) for weight in weights]
    most = max(range(len(result)), key=result.__getitem__)
    result[most] += total - sum(result)
    if result[most] < FEWEST:
        raise ValueError(f"{total} components are too few for {len(result)} subclasses")
    return result
