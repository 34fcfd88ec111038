"""The list of durations is complete, and each of them can be named."""

import importlib
import pkgutil

import pytest

from incidentctl.errors import UsageError
from incidentctl.stats import metrics
from incidentctl.stats.catalogue import DURATIONS, find_duration
from incidentctl.stats.durations import DurationMetric


def test_each_duration_in_the_folder_is_listed():
    modules = [
        importlib.import_module(f"{metrics.__name__}.{each.name}") for each in pkgutil.iter_modules(metrics.__path__)
    ]
    found = [metric for module in modules if isinstance(metric := getattr(module, "METRIC", None), DurationMetric)]

    assert len(found) == 5
    assert sorted(found, key=lambda metric: metric.name) == sorted(DURATIONS, key=lambda metric: metric.name)


def test_a_duration_is_found_by_its_name_in_any_case():
    assert find_duration("MTTM").name == "mttm"
    assert find_duration("user-impact").name == "user_impact"


def test_an_unknown_one_names_those_that_there_are():
    with pytest.raises(UsageError) as caught:
        find_duration("mtbf")

    assert caught.value.hint == "there are mttm, mttd, mtta, mttr, user_impact"
