"""The manifest of a timeline, and the documents made from it."""
