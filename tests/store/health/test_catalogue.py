"""The list of checks is complete; each check stands for itself."""

import inspect
import pkgutil
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import incidentctl.store.health as package
from incidentctl.errors import RepositoryError
from incidentctl.store.health.catalogue import CHECKS, examine
from incidentctl.store.health.check import Check, Findings, Group, Status, to_mend
from incidentctl.store.health.patient import Patient, UserFile

TESTS = Path(__file__).parents[2] / "commands" / "test_doctor.py"


def patient() -> Patient:
    return Patient(environ={}, cwd="/", now=datetime(2026, 5, 14, tzinfo=UTC), user=UserFile("/none"), clone=None)


def test_the_catalogue_has_each_check_of_each_module_once_in_the_order_of_the_groups() -> None:
    modules = [import_module(f"{package.__name__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)]
    listed = [
        check
        for module in modules
        if not module.__name__.endswith("catalogue")
        for check in getattr(module, "CHECKS", ())
    ]
    assert sorted(check.name for check in listed) == sorted(check.name for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    order = list(Group)
    assert [check.group for check in CHECKS] == sorted((check.group for check in CHECKS), key=order.index)
    looks = {check.look for check in CHECKS}
    for module in modules:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            takes = list(inspect.signature(function).parameters.values())
            is_check = function.__module__ == module.__name__ and not name.startswith("_") and len(takes) == 1
            if is_check and takes[0].annotation is Patient and function.__annotations__["return"] is Findings:
                assert function in looks, f"{name} is in no list"


def test_each_check_is_named_in_the_tests_of_its_illness() -> None:
    text = TESTS.read_text() + "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    apart = {"git", "python", "disk-space", "file-system"}  # their judgement is tested without a machine that is ill
    for check in CHECKS:
        assert f'"{check.name}"' in text or check.name in apart, check.name


def test_a_check_that_breaks_says_so_and_the_others_are_made() -> None:
    def breaks(patient: Patient) -> Findings:
        raise ZeroDivisionError("oh")

    def refuses(patient: Patient) -> Findings:
        yield to_mend("first")
        raise RepositoryError("no", hint="do")

    def stumbles(patient: Patient) -> Findings:
        raise PermissionError(13, "Permission denied", "/x")

    def says_nothing(patient: Patient) -> Findings:
        return ()

    checks = [
        Check(look.__name__, Group.CLONE, "All is well.", look, needs_repository=False)
        for look in (breaks, refuses, stumbles, says_nothing)
    ]
    found = {each.check.name: each.findings for each in examine(patient(), checks)}
    assert [each.message for each in found["breaks"]] == ["could not be checked: ZeroDivisionError: oh"]
    assert [(each.status, each.message, each.hint) for each in found["refuses"]] == [
        (Status.PROBLEM, "first", None),
        (Status.WARNING, "could not be checked: no", "do"),
    ]
    assert [each.message for each in found["stumbles"]] == ["could not be checked: /x: Permission denied"]
    assert [(each.status, each.message) for each in found["says_nothing"]] == [(Status.OK, "All is well.")]


def test_without_a_repository_what_needs_one_is_skipped() -> None:
    for each in examine(patient(), [check for check in CHECKS if check.needs_repository]):
        assert [finding.status for finding in each.findings] == [Status.SKIPPED]
