"""Reads and writes repositories on the Hugging Face Hub, whatever files are in them."""
