"""Which folder lies in which, by whatever name. What `statuspage build` does with that is in `tests/commands/test_statuspage.py`."""

from pathlib import Path

import pytest

from incidentctl.store.static_site import is_inside


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("a", "a", True),
        ("a/b", "a", True),
        ("a/not-there/yet", "a", True),
        ("ab", "a", False),
        ("a", "a/b", False),
        ("c", "a", False),
        ("a", "not-there", False),
    ],
)
def test_a_folder_lies_in_another_where_its_path_goes_through_it(
    tmp_path: Path, path: str, folder: str, expected: bool
) -> None:
    for name in ("a/b", "ab", "c"):
        (tmp_path / name).mkdir(parents=True)
    assert is_inside(str(tmp_path / path), str(tmp_path / folder)) is expected
    assert is_inside(str(tmp_path / path), f"{tmp_path / folder}/") is expected


def test_another_name_of_a_folder_is_that_folder(tmp_path: Path) -> None:
    """A link stands here for a name in other letters, on a file system that does not tell them apart."""
    (tmp_path / "record").mkdir()
    (tmp_path / "RECORD").symlink_to(tmp_path / "record")
    assert is_inside(str(tmp_path / "RECORD/site/deep"), str(tmp_path / "record"))
