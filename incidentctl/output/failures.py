"""How an error looks: one sentence and the way out, or JSON."""

from incidentctl.errors import IncidentctlError
from incidentctl.output.json_text import as_json


class Described(str):
    """A candidate as a program takes it, which a person is shown with more words."""

    __slots__ = ("words",)
    words: str

    def __new__(cls, candidate: str, words: str) -> "Described":
        """The candidate, and the whole line for people."""
        described = super().__new__(cls, candidate)
        described.words = words
        return described


def failure_as_text(error: IncidentctlError) -> str:
    """The sentence, the way out, and what was perhaps meant."""
    sentence = error.message if not error.hint else f"{error.message}: {error.hint}"
    lines = [
        f"  {candidate.words if isinstance(candidate, Described) else candidate}"
        for candidate in error.candidates
        if candidate not in sentence
    ]
    return "\n".join((sentence, *lines))


def failure_as_json(error: IncidentctlError) -> str:
    """The same for a program; the shape is that of `schema error`."""
    return as_json(
        {
            "schema_version": 1,
            "kind": "error",
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "candidates": list(error.candidates),
        }
    )
