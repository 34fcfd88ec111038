"""Every check, in the order of the output. A check that is not in this list is not made."""

from collections.abc import Iterable
from typing import Final

from incidentctl.errors import IncidentctlError
from incidentctl.store.health import clone, committing, machine, merging, records, settings, sharing
from incidentctl.store.health.check import Check, Examined, Finding, not_asked, to_know, well
from incidentctl.store.health.patient import Patient

CHECKS: Final[tuple[Check, ...]] = (
    *machine.CHECKS,
    *clone.CHECKS,
    *settings.CHECKS,
    *committing.CHECKS,
    *merging.CHECKS,
    *records.CHECKS,
    *sharing.CHECKS,
)


def examine(patient: Patient, checks: Iterable[Check] = CHECKS) -> tuple[Examined, ...]:
    """Makes the checks, each of them whatever became of the others. Never raises: what cannot be checked says so."""
    return tuple(Examined(check, _findings(check, patient)) for check in checks)


def _findings(check: Check, patient: Patient) -> tuple[Finding, ...]:
    if check.needs_repository and not patient.found:
        return (not_asked("there is no repository to look at"),)
    found: list[Finding] = []
    try:
        found.extend(check.look(patient))
    except IncidentctlError as error:
        found.append(to_know(f"could not be checked: {error.message}", error.hint))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        found.append(to_know(f"could not be checked: {where}{error.strerror or error}"))
    except Exception as error:  # a fault of ours in one check must not hide what the others find
        found.append(to_know(f"could not be checked: {type(error).__name__}: {error}", "please report this"))
    return tuple(found) or (well(check.about),)
