"""Makes the sample's files from the published ones: `python make.py FOLDER` (FOLDER as SOURCE.md describes it).

Areas and components become zipped shapefiles in the city's own CRS; reports are taken as they are.
Duties are learnt from the 2015 reports alone: make_duties.py.
"""

import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import geopandas
import numpy as np
import shapely

HERE = Path(__file__).parent
CITY_CRS = "EPSG:26985"
AREAS = {
    "dc-boundary": "boundary",
    "ward-2012": "wards",
    "advisory-neighborhood-commission-2013": "ancs",
    "single-member-district-2013": "smds",
}
COMPONENTS = {
    "fire-hydrants.corrected": "hydrants",
    "litter-cans": "litter-cans",
    "other-traffic-signs": "signs",
    "sewers-inlets": "inlets",
    "traffic-barriers": "barriers",
    "traffic-signal-cabinets": "signal-cabinets",
    "parking-meters-2009": "meters",
    "bollards": "bollards",
}
STAMP = (2016, 8, 16, 0, 0, 0)
"""The day of the published state: files of equal content are equal to the byte."""


def main(source: Path) -> None:
    for published, name in {**AREAS, **COMPONENTS}.items():
        folder = "areas" if published in AREAS else "components"
        frame = geopandas.read_file(source / folder / f"{published}.geojson").to_crs(CITY_CRS)
        write(frame, HERE / f"{name}.zip")
    for year in (2015, 2016):
        shutil.copyfile(source / "reports" / f"dc-311-{year}.csv.gz", HERE / f"dc-311-{year}.csv.gz")


def write(frame: geopandas.GeoDataFrame, target: Path) -> None:
    frame.geometry = shapely.force_2d(np.asarray(frame.geometry))
    frame = frame.rename(columns={column: column[:10] for column in frame.columns if column != "geometry"})
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / f"{target.stem}.shp", encoding="UTF-8", engine="pyogrio")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.writestr(zipfile.ZipInfo(part.name, STAMP), part.read_bytes(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
