"""Pages for people."""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""Styles, scripts and icons; `vendor/` is filled at set-up."""
