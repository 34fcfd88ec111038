"""The desk of these tests is a copy of one that is made once: making a repository takes as long as a command."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import Desk, new_desk, scrubbed_environ


@pytest.fixture(scope="session")
def first_desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The one that the others are copies of."""
    return new_desk(tmp_path_factory.mktemp("first"))


@pytest.fixture
def desk(tmp_path: Path, first_desk: Desk) -> Desk:
    """A user at a fresh repository of incidents."""
    path = tmp_path / first_desk.path.name
    shutil.copytree(first_desk.path, path)
    return Desk(path, scrubbed_environ(tmp_path / "home"))
