"""Files and repositories on the Hugging Face Hub; what is in them is known elsewhere."""
