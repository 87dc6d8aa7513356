"""Trains a model on a corpus, by a recipe, and writes its timeline."""
