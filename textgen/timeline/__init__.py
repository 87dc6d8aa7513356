"""A model's whole training history: opened, checked, written with, published."""
