"""The scripts and styles that go inside a map: Leaflet, put there by `make setup`, and our own."""

import re
from functools import cache
from importlib.resources import files

from gridsvc.errors import SetupError

_PICTURE = re.compile(r"url\((?!#)[^)]*\)")


@cache
def vendored(package: str, name: str) -> str:
    """The text of `name` from the npm package `package`, as set up below `gridsvc/web/assets/vendor`.

    Raises SetupError when the file is not there.
    """
    path = files("gridsvc") / "web" / "assets" / "vendor" / package / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SetupError(f"{path} is missing; run `make setup`, which fetches the map's scripts once") from error


@cache
def own(name: str) -> str:
    """The text of one of our own files in `gridsvc/maps/client`."""
    return (files("gridsvc.maps") / "client" / name).read_text(encoding="utf-8")


def style() -> str:
    """Leaflet's style without its pictures (markers and layer buttons, which no map here uses), then ours."""
    return _PICTURE.sub("none", vendored("leaflet", "leaflet.css")) + own("map.css")


def script() -> str:
    """Leaflet, then ours."""
    without_map_file = vendored("leaflet", "leaflet.js").replace("//# sourceMappingURL=leaflet.js.map", "")
    return f"{without_map_file}\n{own('map.js')}"
