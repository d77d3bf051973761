"""City grids, urban components and departments on PostGIS."""

__version__ = "0.1.0"
