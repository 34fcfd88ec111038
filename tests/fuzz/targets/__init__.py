"""The list of all targets."""

from tests.fuzz.target import Target
from tests.fuzz.targets import (
    action_items,
    alerting,
    edits,
    entries,
    importing,
    linting,
    merging,
    parsing,
    pasting,
    saving,
    settings,
    words,
)

TARGETS: tuple[Target, ...] = (
    *parsing.TARGETS,
    *entries.TARGETS,
    *edits.TARGETS,
    *saving.TARGETS,
    *merging.TARGETS,
    *action_items.TARGETS,
    *linting.TARGETS,
    *settings.TARGETS,
    *pasting.TARGETS,
    *alerting.TARGETS,
    *words.TARGETS,
    *importing.TARGETS,
)


def target_of(name: str) -> Target:
    """The target of a name; raises `KeyError`."""
    return {target.name: target for target in TARGETS}[name]
