"""What the process that reads may do: it is told before anything of the file is touched."""

import ctypes
import os
import resource
import signal
import sys
from types import FrameType

from gridsvc.ingest.sources.model import Limits

DRIVERS = ("ESRI Shapefile", "GPKG", "GeoJSON", "OpenFileGDB")
FILES_OPEN = 256
PR_SET_PDEATHSIG = 1

OTHER_DRIVERS = (
    "MEM", "PCIDSK", "PDS4", "VICAR", "PDF", "MBTiles", "EEDA", "OGCAPI", "GDALG", "MapInfo File", "LVBAG", "S57",
    "DGN", "OGR_VRT", "CSV", "GML", "GPX", "LIBKML", "KML", "GeoJSONSeq", "ESRIJSON", "TopoJSON", "OGR_GMT", "SQLite",
    "WAsP", "DXF", "FlatGeobuf", "GeoRSS", "VFK", "PGDUMP", "OSM", "GPSBabel", "OGR_PDS", "WFS", "OAPIF", "EDIGEO",
    "Idrisi", "ODS", "XLSX", "Elasticsearch", "Carto", "AmigoCloud", "SXF", "Selafin", "JML", "PLSCENES", "CSW", "VDV",
    "MVT", "NGW", "MapML", "GTFS", "PMTiles", "JSONFG", "MiraMonVector", "ADBC", "AVCBin", "AVCE00", "AIVector", "HTTP",
)  # fmt: skip
"""Of this release of GDAL; those of a later one are found when it starts, see `only_our_drivers`."""

ENVIRONMENT = {
    "GDAL_SKIP": ",".join(OTHER_DRIVERS),
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
    "CPL_CURL_ENABLE_VSIMEM": "NO",
    "GDAL_HTTP_TIMEOUT": "1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO",
    "SHAPE_RESTORE_SHX": "NO",
    "PROJ_NETWORK": "OFF",
    "CPL_LOG": "/dev/null",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENPYXL_LXML": "False",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}
"""All that the process inherits, with where the product is: no address, no secret, no way out."""


def close(limits: Limits) -> None:
    """Limit memory, time, size of files and their number, and end when the parent does."""
    _limit(resource.RLIMIT_AS, limits.memory_mb << 20)
    _limit(resource.RLIMIT_CPU, limits.seconds, limits.seconds + 5)
    _limit(resource.RLIMIT_FSIZE, limits.bytes_unpacked)
    _limit(resource.RLIMIT_NOFILE, FILES_OPEN)
    _limit(resource.RLIMIT_CORE, 0)


def _limit(which: int, soft: int, hard: int | None = None) -> None:
    _, most = resource.getrlimit(which)
    wanted = soft if hard is None else hard
    ceiling = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(which, (min(soft, ceiling), ceiling))


def end_with(parent: int) -> None:
    """A signal, so that the folder is tidied up; `parent` is who must be alive."""
    signal.signal(signal.SIGTERM, _leave)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(1)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(1)


def only_our_drivers(drivers: list[str]) -> None:
    """Start again without those that a later release of GDAL brings; nothing of the file was touched yet."""
    others = [one for one in drivers if one not in DRIVERS]
    if others:
        os.environ["GDAL_SKIP"] = ",".join([os.environ.get("GDAL_SKIP", ""), *others])
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
