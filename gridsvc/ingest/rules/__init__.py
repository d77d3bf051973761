"""The checks of an import; importing this package registers every family."""

from gridsvc.ingest.rules import areas, codes, geometry, place
from gridsvc.ingest.rules.contract import RULES, Context, Rule, Staged, rule

__all__ = ["RULES", "Context", "Rule", "Staged", "areas", "codes", "geometry", "place", "rule"]
