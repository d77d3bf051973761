"""The component subclasses that the product brings."""

from pathlib import Path

from gridsvc.ingest.tables import _component, read_table

CATALOGUE = Path(__file__).parents[2] / "geodata" / "catalogue"
EVIDENCE = {row["subclass_code"]: row for row in read_table(CATALOGUE / "component_code_evidence.csv", dict)}
SUBCLASSES = read_table(
    CATALOGUE / "components_124.csv", lambda row: _component(row, EVIDENCE.get(row["subclass_code"], {}))
)
