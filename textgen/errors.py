"""The errors of textgen.

Every error that the package raises on purpose is a `TextGenError`, so callers need one `except`.
Each also subclasses the builtin error that fits. Its message is one line: what is wrong, what was
received, what is accepted, and what to do.
"""


class TextGenError(Exception):
    """Base of all errors that textgen raises on purpose."""


class CorpusError(TextGenError, ValueError):
    """A training text cannot be found, downloaded, decoded or used."""


class VocabularyError(TextGenError, ValueError):
    """A vocabulary is malformed, or a text has characters that are not in it."""


class ConfigError(TextGenError, ValueError):
    """A model, training or recipe setting is outside its range."""


class SettingsError(TextGenError, ValueError):
    """A generation setting (temperature, length, …) is outside its range."""


class TimelineError(TextGenError, ValueError):
    """A timeline is missing, malformed or altered, or lacks what was requested."""


class TrainingError(TextGenError, RuntimeError):
    """Training cannot continue, for example because the loss is no longer a number."""


class OutputError(TextGenError, OSError):
    """A file cannot be written to disk."""


class AppError(TextGenError, OSError):
    """The app cannot be served, for example because its port is in use."""


class HubError(TextGenError, OSError):
    """The Hugging Face Hub refuses a request, lacks a repository or file, or is unreachable."""


class HubBusyError(HubError):
    """The Hub or the network fails temporarily: the same request may succeed later.

    Attributes:
        retry_after: seconds that the Hub asks clients to wait; 0 if it does not say.
    """

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
