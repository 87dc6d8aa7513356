"""The LSTM: its definition in Keras, its weights' file, and its arithmetic in NumPy."""
