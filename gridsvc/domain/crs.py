"""Coordinate systems. One city has one projected CRS in metres; longitude and latitude exist only at the edges."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from gridsvc.errors import InputError

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def city_srid(text: str) -> int:
    """EPSG number of a projected CRS in metres, from `EPSG:n`."""
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise InputError(f"CRS {text!r} is not known: give an EPSG code such as EPSG:4544 ({error})") from error
    code = crs.to_epsg()
    if code is None:
        raise InputError(f"CRS {text!r} has no EPSG code; a city needs one such as EPSG:4544")
    if not crs.is_projected or any(axis.unit_name != "metre" for axis in crs.axis_info):
        unit = crs.axis_info[0].unit_name if crs.axis_info else "none"
        raise InputError(
            f"CRS {text!r} ({crs.name}) has the unit {unit}: a city's CRS is projected and in metres, "
            "or distances and areas would be wrong"
        )
    return code


@lru_cache(maxsize=16)
def to_city(srid: int) -> Transformer:
    """From WGS 84 longitude, latitude to the city's x (east), y (north)."""
    try:
        return Transformer.from_crs(4326, srid, always_xy=True)
    except CRSError as error:
        raise InputError(
            f"the city's CRS {srid} is not in the EPSG register, so nothing can be projected into it or drawn"
        ) from error


def project_one(srid: int, lon: float, lat: float) -> tuple[float, float]:
    x, y = to_city(srid).transform(lon, lat)
    return float(x), float(y)


def project(srid: int, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Degrees to city metres; points that cannot be projected come back infinite."""
    x, y = to_city(srid).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


def unproject(srid: int, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """City metres to degrees (longitude, latitude)."""
    lon, lat = to_city(srid).transform(x, y, direction="INVERSE")
    return np.asarray(lon), np.asarray(lat)
