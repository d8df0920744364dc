"""Shared vectors: made by either language, run by both (README.md)."""
