"""Every number that follows from the size of the city."""

from dataclasses import dataclass

DEFAULT_UNIT_GRIDS = 3600
DEFAULT_RESPONSIBILITY_GRIDS = 63
SUB_GRIDS_PER_RESPONSIBILITY_GRID = 4
LARGEST_COMMUNITY = 999  # three digits of the unit grid code


@dataclass(frozen=True)
class Sizes:
    """What the command line asks for, and what follows from it."""

    components: int
    unit_grids: int
    reports: int
    seed: int
    edge_points: int

    @property
    def subdistricts(self) -> int:
        """About the square root: 4 in 300 unit grids, 13 in 3,600, 59 in 70,000."""
        return max(4, round(self.unit_grids**0.5 / 4.5))

    @property
    def grids_per_community(self) -> float:
        """Unit grids that a community aims at: 21 in the smallest city, 144 in the largest."""
        return 12 + 0.5 * self.unit_grids**0.5

    @property
    def grids_per_responsibility_grid(self) -> float:
        """57 unit grids, so that the default city has 63 of them; 25 in the smallest city."""
        return min(DEFAULT_UNIT_GRIDS / DEFAULT_RESPONSIBILITY_GRIDS, self.unit_grids / 12)

    grids_per_patrol_grid = 30.0
    grids_per_community_grid = 8.0
