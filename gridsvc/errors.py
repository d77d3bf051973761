"""What can go wrong, as a tree.

GridsvcError
├── InputError        what the user gave is wrong: exit code 1, HTTP 422
│   └── FileError     a file cannot be read, or a feature in it is wrong
├── NotFoundError     the named thing does not exist: exit code 1, HTTP 404
├── ConflictError     the thing exists already, or changed meanwhile: exit code 1, HTTP 409
└── SetupError        the installation is not ready (no database, not initialised): exit code 1, HTTP 503

Every message names the thing, the place and the likely cause, and is shown without a traceback.
Anything else that is raised is a bug.
"""


class GridsvcError(Exception):
    """Base of every error that a user may see."""


class InputError(GridsvcError):
    """A value that the user gave is wrong."""


class FileError(InputError):
    """A file cannot be used; `feature` is the 1-based number of the feature at fault, if one is."""

    def __init__(self, file: str, cause: str, feature: int | None = None) -> None:
        place = f"{file}, feature {feature}" if feature is not None else file
        super().__init__(f"{place}: {cause}")
        self.file, self.cause, self.feature = file, cause, feature


class NotFoundError(GridsvcError):
    """The named thing does not exist."""


class ConflictError(GridsvcError):
    """The thing exists already, or was changed meanwhile."""


class SetupError(GridsvcError):
    """The installation is not ready for what was asked."""


def one_of(what: str, given: str, allowed: list[str]) -> InputError:
    """An error for a bad option that lists the good ones."""
    return InputError(f"{what} {given!r} is not known; choose one of: {', '.join(allowed) or '(none exist yet)'}")
