"""Texts: read, decode, preprocess, turn into ids, and compare with one another."""
