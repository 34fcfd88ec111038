"""The errors that a user can mend: one sentence for what is so, one for the way out, and an exit code. Never a library's own exception."""

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What a script can rest on; the table in `docs/reference/exit-codes.md` is made from here."""

    DONE = 0, "done"
    FOUND = 1, "a check found something, or a file could not be read"
    USAGE = 2, "usage, or a refusal that you can mend"
    NOT_FOUND = 3, "no such incident, or several"
    REPOSITORY = 4, "the state of the repository"
    CONFLICT = 5, "conflict"
    LOCKED = 6, "the lock was not free in time, and there was nothing to save"
    SAVED = 7, "saved, not committed: do not repeat the command"
    BUG = 70, "a fault of ours"
    INTERRUPTED = 130, "interrupted"

    meaning: str

    def __new__(cls, value: int, meaning: str) -> "ExitCode":
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member


class IncidentctlError(Exception):
    """What a user can mend. `message` says what is so, `hint` what to do, `candidates` what was meant, perhaps."""

    code = "error"
    exit_code = ExitCode.USAGE

    def __init__(self, message: str, *, hint: str | None = None, candidates: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates = tuple(candidates)


class UsageError(IncidentctlError):
    """The words of the command do not make sense as they stand."""

    code = "usage"


class RefusedError(IncidentctlError):
    """The words make sense, but not for this incident as it is now."""

    code = "refused"


class NoSuchIncidentError(IncidentctlError):
    """Nothing has that name."""

    code = "no_such_incident"
    exit_code = ExitCode.NOT_FOUND


class UnknownAlertError(NoSuchIncidentError):
    """An alert that opens nothing, of which no incident is known: there is nothing to say it of."""

    code = "unknown_alert"


class AmbiguousIncidentError(IncidentctlError):
    """Several incidents answer to that name, or none was named and several are active."""

    code = "ambiguous_incident"
    exit_code = ExitCode.NOT_FOUND


class RepositoryError(IncidentctlError):
    """The repository is missing, or in a state in which nothing can be read or saved."""

    code = "repository"
    exit_code = ExitCode.REPOSITORY


class ConflictError(IncidentctlError):
    """Two versions say different things and nobody can tell which is meant."""

    code = "conflict"
    exit_code = ExitCode.CONFLICT


class LockTimeoutError(IncidentctlError):
    """Another process held the lock for too long, and there was nothing to save."""

    code = "lock_timeout"
    exit_code = ExitCode.LOCKED


class SavedError(IncidentctlError):
    """The words are safe, and could not be committed: the next command tries again."""

    code = "saved"
    exit_code = ExitCode.SAVED


class OutputLostError(Exception):
    """Standard output takes nothing more: its reader is gone, or the disk is full. What was recorded stays recorded."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or "closed")
        self.reader_is_gone = isinstance(error, BrokenPipeError)
