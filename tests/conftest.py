"""Fixtures that more than one room uses."""

pytest_plugins = ["tests.browser", "tests.database"]
