"""Texts: read, decoded, prepared, numbered, and compared with one another."""
