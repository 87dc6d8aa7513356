"""The LSTM: defined in Keras, its weights file, and its arithmetic in NumPy."""
