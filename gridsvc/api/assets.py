"""Styles and scripts of the pages, as files that a browser keeps."""

import os
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Assets(StaticFiles):
    """A browser asks each time whether its copy still is the file's, and is sent it only if it is not.

    Nothing of it differs by caller. Addresses stay the same in the next release, so no copy may be used unasked.
    """

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "no-cache"
        return answer
