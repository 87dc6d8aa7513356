"""The model in Keras: the definition that the engine must agree with."""

from __future__ import annotations

import keras

from textgen.config import ModelConfig


def build_model(config: ModelConfig) -> keras.Model:
    """Return an untrained, uncompiled model of stock Keras layers.

    Only stock layers are used, so that `keras.saving.load_model` opens the model without this
    package. The LSTM settings are those for which Keras uses cuDNN on a GPU.

    Returns:
        A model from int32 ids `(batch, time)` to float32 logits `(batch, time, vocab_size)`; the
        logits at a position predict the character after it.

    Source:
        Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Graves (2013), Generating
        Sequences With Recurrent Neural Networks.
    """
    inputs = keras.Input((None,), dtype="int32", name="ids")
    # Explicit names, so that two models built in one process save identical weights files.
    x = _encode(inputs, config)
    rates = dropout_rates(config)
    for index, units in enumerate(config.lstm_units):
        if (name := f"dropout_{index}") in rates:
            x = keras.layers.Dropout(rates[name], name=name)(x)
        x = keras.layers.LSTM(units, return_sequences=True, name=f"lstm_{index}")(x)
    x = keras.layers.Dropout(rates["dropout"], name="dropout")(x)
    # The logits stay float32 even if a mixed-precision policy computes the rest in bfloat16.
    logits = keras.layers.Dense(config.vocab_size, dtype="float32", name="logits")(x)
    return keras.Model(inputs, logits, name="char_lstm")


def dropout_rates(config: ModelConfig) -> dict[str, float]:
    """Map the name of each dropout layer of a model to its rate."""
    rates = {f"dropout_{index}": config.dropout for index in range(len(config.lstm_units))}
    if config.encoding != "embedding":
        # Dropout removes part of an embedding, but would erase a one-hot or scaled character.
        del rates["dropout_0"]
    elif config.input_dropout is not None:
        rates["dropout_0"] = config.input_dropout
    return {**rates, "dropout": config.dropout}


def _encode(ids: keras.KerasTensor, config: ModelConfig) -> keras.KerasTensor:
    """Return the inputs of the first LSTM layer, `(batch, time, input_width)`."""
    if config.encoding == "one_hot":
        one_hot = keras.layers.CategoryEncoding(config.vocab_size, "one_hot", name="one_hot")(ids)
        # For a single time step, Keras drops the time axis.
        return keras.layers.Reshape((-1, config.vocab_size), name="one_of_all")(one_hot)
    if config.encoding == "scaled":
        scaled = keras.layers.Rescaling(1 / config.vocab_size, name="scaled")(ids)
        return keras.layers.Reshape((-1, 1), name="one_number")(scaled)
    return keras.layers.Embedding(config.vocab_size, config.embedding_dim, name="embedding")(ids)
