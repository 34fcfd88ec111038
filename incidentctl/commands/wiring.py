"""What a clone needs beside its files so that git merges the record by meaning."""

from incidentctl.context import Workspace


def wire_merge_driver(workspace: Workspace) -> None:
    """Makes git merge the record by meaning, in a clone where it does not yet, and says so."""
    if workspace.repository.merges_by_meaning:
        return
    from incidentctl.store.merge_driver import wire  # once in the life of a clone

    if wire(workspace.repository, workspace.outside.environ):
        workspace.outside.talk("from now on git merges the record by meaning here (merge.incidentctl in .git/config)")
