"""Where the files are that ship with the product: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """`migrations` or `geodata/catalogue`."""
    checkout = PACKAGE.parent / name
    return checkout if checkout.is_dir() else PACKAGE / "resources" / name
