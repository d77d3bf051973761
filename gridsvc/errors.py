"""What can go wrong, as a tree.

GridsvcError
├── InputError        what the user gave is wrong: exit code 1, HTTP 422
│   └── FileError     a file cannot be read, or a feature in it is wrong
├── NotFoundError     the named thing does not exist: exit code 1, HTTP 404
├── UnauthenticatedError  nobody is signed in, or not any more: exit code 1, HTTP 401
├── ForbiddenError    the caller may not: exit code 1, HTTP 403
│   └── PasswordFirstError  not before the password is changed; pages lead there
├── TooManyError      too often; try again later: exit code 1, HTTP 429
├── ConflictError     the thing exists already, or changed meanwhile: exit code 1, HTTP 409
│   └── StaleError    somebody else changed it since the caller looked; tells what they did
└── SetupError        the installation is not ready (no database, not initialised): exit code 1, HTTP 503

Every message names the thing, the place and the likely cause, and is shown without a traceback.
Anything else that is raised is a bug.
"""

from typing import Any


class GridsvcError(Exception):
    """Base of every error that a user may see. `zh`: the message in Chinese, for pages; empty where none shows it."""

    def __init__(self, message: str = "", *, zh: str = "") -> None:
        super().__init__(message)
        self.zh = zh


class InputError(GridsvcError):
    """A value that the user gave is wrong."""


class FileError(InputError):
    """A file cannot be used; `feature` is the 1-based number of the feature at fault, if one is."""

    def __init__(self, file: str, cause: str, feature: int | None = None, *, zh: str = "") -> None:
        place = f"{file}, feature {feature}" if feature is not None else file
        super().__init__(f"{place}: {cause}", zh=zh)
        self.file, self.cause, self.feature = file, cause, feature


class NotFoundError(GridsvcError):
    """The named thing does not exist."""


class ConflictError(GridsvcError):
    """The thing exists already, or was changed meanwhile."""


class StaleError(ConflictError):
    """Somebody else changed the thing since the caller looked at it; `changes`: what they did."""

    def __init__(self, message: str, changes: list[dict[str, Any]], *, zh: str = "") -> None:
        super().__init__(message, zh=zh)
        self.changes = changes


class UnauthenticatedError(GridsvcError):
    """Nobody is signed in, or not any more."""


class ForbiddenError(GridsvcError):
    """The caller is known and may not."""


class PasswordFirstError(ForbiddenError):
    """The caller may do nothing until the password, which somebody else set, is changed."""

    def __init__(self) -> None:
        super().__init__("change the password first: it was set by somebody else", zh="密码由他人设定，请先修改密码")


class TooManyError(GridsvcError):
    """Asked too often; `seconds` until it may be tried again."""

    def __init__(self, message: str, seconds: int, *, zh: str = "") -> None:
        super().__init__(message, zh=zh)
        self.seconds = seconds


class SetupError(GridsvcError):
    """The installation is not ready for what was asked."""


def one_of(what: str, given: str, allowed: list[str], *, zh: str = "") -> InputError:
    """An error for a bad option that lists the good ones. `zh`: what it is in Chinese."""
    return InputError(
        f"{what} {given!r} is not known; choose one of: {', '.join(allowed) or '(none exist yet)'}",
        zh=f"没有这样的{zh}：“{given}”。可选：{'、'.join(allowed) or '（暂无）'}" if zh else "",
    )
