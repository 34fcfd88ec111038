"""What commands do for the others: share after a write, and look what they have before something is read or declared. Never fails them."""

from datetime import timedelta

from incidentctl.context import Workspace
from incidentctl.errors import ConflictError, IncidentctlError, LockTimeoutError
from incidentctl.incident.times import clock
from incidentctl.output.failures import failure_as_text
from incidentctl.output.sharing import Reach
from incidentctl.store.network import Trouble
from incidentctl.store.sharing_memory import SharingMemory
from incidentctl.store.sync import Route, Shared, Sharing, route_of, shares_by_itself

AFTER_WRITE_S = 2.0
BEFORE_READ_S = 2.0
_RESTS_FOR = timedelta(seconds=30)
"""After a remote that did not answer in time, writes do not wait for it again for so long."""


def sharing_of(workspace: Workspace, route: Route) -> Sharing:
    """The exchange with a remote, for one command."""
    return Sharing(workspace.repository, workspace.settings, route, now=workspace.now, notice=workspace.outside.talk)


def share_after_write(workspace: Workspace) -> Reach | None:
    """Shares what was just committed, within two seconds. None where there is nobody to share with, or sharing is off."""
    route = route_of(workspace.repository)
    if route is None or not shares_by_itself(workspace.repository, workspace.settings):
        return None
    sharing = sharing_of(workspace, route)
    try:
        if _rests(workspace):
            return Reach(False, waiting=sharing.waiting(), reason=Trouble.OFFLINE.value)
        shared = sharing.share_after_write(timeout=AFTER_WRITE_S)
        if shared is None:
            waiting = sharing.waiting()
            return Reach(not waiting, waiting=waiting)
    except IncidentctlError as error:
        return _not_shared(workspace, sharing, error)
    except KeyboardInterrupt:
        # Whoever is tired of waiting for the network has recorded it all the same, and is told so.
        return Reach(False, waiting=sharing.waiting(), reason="interrupted")
    say_beside(workspace, shared)
    if shared.failed is None and not shared.waiting:
        return Reach(True, along=shared.pushed)
    reason = "" if shared.failed is None or shared.failed.trouble is Trouble.RACED else _reason(shared)
    if shared.failed is not None and shared.failed.trouble not in (Trouble.OFFLINE, Trouble.HUNG, Trouble.RACED):
        workspace.outside.talk(f"not shared: {shared.failed.said}; `ictl sync` tries again and says more")
    return Reach(False, along=shared.pushed, waiting=shared.waiting, reason=reason)


def _reason(shared: Shared) -> str:
    assert shared.failed is not None
    trouble = shared.failed.trouble
    return Trouble.OFFLINE.value if trouble is Trouble.HUNG else trouble.value


def _not_shared(workspace: Workspace, sharing: Sharing, error: IncidentctlError) -> Reach:
    """Whatever it is, the write that came before stands: it is only said."""
    workspace.outside.talk(failure_as_text(error))
    try:
        waiting = sharing.waiting()
    except IncidentctlError:
        waiting = 1
    return Reach(False, waiting=waiting, reason="conflict" if isinstance(error, ConflictError) else "see below")


def _rests(workspace: Workspace) -> bool:
    _, hung = SharingMemory(workspace.repository).last_contact()
    return hung is not None and timedelta(0) <= workspace.now - hung < _RESTS_FOR


def bring_in_first(workspace: Workspace) -> str | None:
    """Fetches what others have, in bounded time, before something is read live or declared; `as of 10:02Z, offline` where that failed.

    None where all is well, or there is nobody to ask. Never fails the command.
    """
    route = route_of(workspace.repository)
    if route is None or not shares_by_itself(workspace.repository, workspace.settings):
        return None
    reached, _ = SharingMemory(workspace.repository).last_contact()
    as_of = f"as of {clock(reached)}, offline" if reached is not None else "not fetched yet, offline"
    try:
        if _rests(workspace):
            return as_of
        shared = sharing_of(workspace, route).bring_in(timeout=BEFORE_READ_S)
    except IncidentctlError as error:
        return failure_as_text(error)
    if shared is None:
        return None
    say_beside(workspace, shared)
    if shared.failed is None:
        return None
    if shared.failed.trouble in (Trouble.OFFLINE, Trouble.HUNG):
        return as_of
    return f"{as_of.removesuffix(', offline')}: {shared.failed.said}"


def say_beside(workspace: Workspace, shared: Shared) -> None:
    """What happened to the branch here, where that needs a word."""
    outside = workspace.outside
    for old, new in shared.parted:
        outside.talk(f"{old} is another incident by now: the one of this clone is {new}")
        outside.talk(f"looks like the same incident: `ictl cancel {new} --duplicate-of {old}`")
    if shared.behind is not None and not isinstance(shared.behind, LockTimeoutError):
        branch = workspace.repository.branch
        outside.talk(f"{branch} here was not brought up to date: {failure_as_text(shared.behind)}")


def tell_who_waits(workspace: Workspace) -> None:
    """Sends the notices that could not be sent before, where anybody is to be told."""
    if not workspace.settings.notify:
        return
    from incidentctl.commands.notifying import retry_waiting
    from incidentctl.output.notifications import account_lines

    for line in account_lines(retry_waiting(workspace)):
        workspace.outside.talk(line)
