"""The errors of textgen: one line each, saying what, received, accepted and the remedy.

Every error the package raises on purpose is a `TextGenError`, so a caller needs one `except`.
Each also subclasses the builtin that fits it, for callers that know nothing of this package.
"""


class TextGenError(Exception):
    """Base of all errors that textgen raises on purpose."""


class CorpusError(TextGenError, ValueError):
    """A training text cannot be found, fetched, decoded or used."""


class VocabularyError(TextGenError, ValueError):
    """A vocabulary is malformed, or a text holds characters outside it."""


class ConfigError(TextGenError, ValueError):
    """A model, training or recipe setting is outside its range."""


class SettingsError(TextGenError, ValueError):
    """A generation setting (temperature, length, …) is outside its range."""


class TimelineError(TextGenError, ValueError):
    """A timeline is missing, malformed, altered or does not hold what was asked for."""


class TrainingError(TextGenError, RuntimeError):
    """Training cannot go on, for example because the loss is no longer a number."""


class OutputError(TextGenError, OSError):
    """Something cannot be written to disk."""


class HubError(TextGenError, OSError):
    """The Hugging Face Hub refuses, misses or cannot be reached."""


class HubBusyError(HubError):
    """The Hub, or the way to it, fails in passing: the same may go well later.

    Attributes:
        retry_after: seconds that the Hub asks to be left alone; 0 where it says nothing.
    """

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
