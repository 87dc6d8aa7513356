"""Generating text from logits, and measuring how well a model predicts a text."""
