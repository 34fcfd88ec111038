"""Texts in an editor: a draft outside the work tree, so that what others write meanwhile is never overwritten."""

import os

from incidentctl.errors import UsageError
from incidentctl.store.files import read_file, write_private
from incidentctl.store.history import run_editor
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.repository import Repository


def draft_path(repository: Repository, name: str) -> str:
    """Where the draft of that name is kept, from the editor's opening until its text is in the record."""
    return os.path.join(repository.own_dir, "drafts", name)


def edit_text(repository: Repository, text: str, *, name: str) -> str:
    """Opens a text in the user's editor and gives what became of it. A draft that is left from before is opened again.

    Raises `UsageError` where the editor failed; the draft stays.
    """
    path = draft_path(repository, name)
    folder, file = os.path.split(path)
    if not os.path.exists(path):
        write_private(path, as_bytes(text))
    code = run_editor(repository, path)
    if code != 0:
        raise UsageError(
            f"the editor ended with an error ({code}): nothing was taken over", hint=f"your text is in {path}"
        )
    data = read_file(folder, file, cap=None)
    return text if data is None else as_text(data)


def drafts_in(repository: Repository) -> dict[str, str]:
    """The texts that are left in drafts, by their paths."""
    folder = os.path.join(repository.own_dir, "drafts")
    try:
        names = sorted(os.listdir(folder))
    except FileNotFoundError:
        return {}
    found = ((os.path.join(folder, name), read_file(folder, name, cap=None)) for name in names)
    return {path: as_text(data) for path, data in found if data is not None}


def forget_draft(repository: Repository, name: str) -> None:
    """The draft's text is in the record now."""
    try:
        os.remove(draft_path(repository, name))
    except FileNotFoundError:
        return
