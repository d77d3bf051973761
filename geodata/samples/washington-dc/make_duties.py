"""Learns the duties from the 2015 reports: which division of a department the city recorded for each kind of problem.

Writes duties_2015.csv. 2016 is not looked at. A subclass with more than one division would be an error.
"""

import csv
import gzip
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("kind", "class_code", "subclass_code", "area_kind", "area_code", "lane", "lead", "co_operating",
           "supervising", "priority", "valid_from", "valid_to", "source")  # fmt: skip


def main() -> None:
    taxonomy = {row["category"]: (row["kind"], row["subclass_code"]) for row in table("taxonomy.csv")}
    divisions: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    with gzip.open(HERE / "dc-311-2015.csv.gz", "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            divisions[taxonomy[row["SERVICECODE"]]][row["SERVICETYPECODEDESCRIPTION"]] += 1
    with (HERE / "duties_2015.csv").open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for (kind, subclass), found in sorted(divisions.items()):
            ((lead, count),) = found.items()
            source = f"DC 311, 2015-09-11 to 2015-10-11: {count} of {count} reports went to {lead}"
            writer.writerow({"kind": kind, "subclass_code": subclass, "lane": "dispatched", "lead": lead,
                             "priority": 0, "source": source})  # fmt: skip


def table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


if __name__ == "__main__":
    main()
