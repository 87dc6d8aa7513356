"""Timelines: open, verify and publish them, and generate text with their snapshots."""
