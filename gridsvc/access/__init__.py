"""Accounts, signing in, the record of who did what, and the erasing of personal data."""
