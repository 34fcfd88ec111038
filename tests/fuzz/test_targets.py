"""The promises that the fuzzers look for a breach of, tried quickly: on seeds, on what was once found, on changed inputs."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tests.fuzz.targets as all_targets
from tests.fuzz.inputs import FOUND, Mutator, breach, found_inputs, mutated, stretched
from tests.fuzz.target import Choices, Target, joined, parts_of
from tests.fuzz.targets import TARGETS, target_of
from tests.growth import assert_grows_linearly

each_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@each_target
def test_a_target_holds_for_nothing_and_for_its_seeds(target: Target) -> None:
    for data in (b"", b"\x1e\x1e", *target.seeds()):
        target.run(data)


@pytest.mark.parametrize(
    ("target", "data"),
    [
        pytest.param(target, data, id=f"{target.name}: {name}")
        for target in TARGETS
        for name, data in found_inputs(target).items()
    ],
)
def test_what_was_once_found_is_mended(target: Target, data: bytes) -> None:
    target.run(data)


@each_target
def test_a_target_holds_for_changed_inputs(target: Target) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(mutated(target) | st.binary(max_size=200))
    def holds(data: bytes) -> None:
        target.run(data)

    holds()


@pytest.mark.slow
@pytest.mark.parametrize("target", [each for each in TARGETS if each.grows], ids=lambda target: target.name)
def test_the_time_of_a_target_grows_with_its_input_and_no_faster(target: Target) -> None:
    for data in sorted(target.seeds(), key=len)[-2:]:

        def make(length: int, data: bytes = data) -> bytes:
            return stretched(data, length)

        assert_grows_linearly(make, lambda each: breach(target, each), 5_000)


def test_every_module_of_targets_is_in_the_list() -> None:
    names = [module.name for module in pkgutil.iter_modules(all_targets.__path__)]
    modules = [importlib.import_module(f"tests.fuzz.targets.{name}") for name in names]
    assert {target.name for module in modules for target in module.TARGETS} == {target.name for target in TARGETS}
    assert len({target.name for target in TARGETS}) == len(TARGETS)


def test_every_folder_of_what_was_found_is_that_of_a_target_and_its_files_are_small() -> None:
    for path in FOUND.rglob("*"):
        if path.is_file() and path.parent != FOUND:
            assert path.stat().st_size <= 4_000
            target_of(Path(path.parent).name)


@each_target
def test_a_seed_is_no_longer_than_its_target_takes(target: Target) -> None:
    assert max(len(data) for data in target.seeds()) <= target.longest


# ------------------------------------------------------------------------------------------------------------- inputs


def test_parts_read_back_as_they_were_joined() -> None:
    assert parts_of(joined(b"\x01", "é", "a\x1eb"), 3) == [b"\x01", "é".encode(), b"a\x1eb"]
    assert parts_of(b"", 3) == [b"", b"", b""]


def test_choices_that_have_run_out_are_the_first_ones() -> None:
    choices = Choices(b"\x05")
    assert (choices.of("abc"), choices.of("abc"), choices.number(9)) == ("c", "a", 0)
    assert sorted(Choices(b"\x02\x00\x01").shuffled("abcd")) == list("abcd")


def test_the_same_seed_makes_the_same_change() -> None:
    from random import Random

    target = target_of("edit")
    data = target.seeds()[0]
    changed = [Mutator(target).change(data, Random(7)) for _ in range(2)]
    assert changed[0] == changed[1] != data
