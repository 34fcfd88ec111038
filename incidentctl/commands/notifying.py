"""What is told to others once the record has it: targets, the queue of what they did not take, the user's hooks. Never fails a write."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.commands.public_names import public_names
from incidentctl.config.settings import NotifyTarget
from incidentctl.context import Workspace
from incidentctl.document.believe import believe
from incidentctl.document.parse import parse_document
from incidentctl.errors import IncidentctlError
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.notices import Audience, Event, Notice, Target, events_of, notice_of, why_not
from incidentctl.incident.publication import public_incident
from incidentctl.incident.secrets import mask_secrets
from incidentctl.incident.words import show_safely
from incidentctl.output.notices import defused, notice_as_data, notice_as_text
from incidentctl.output.notifications import Account, Told, account_lines
from incidentctl.store.addresses import address_of
from incidentctl.store.delivery import Delivery, Message, Outcome, deliver
from incidentctl.store.history import read_tip
from incidentctl.store.outbox import Claim, Fate, Outbox, Remembered, key_of
from incidentctl.store.reading import MAX_SIZE, as_text, incident_path
from incidentctl.store.record import Written
from incidentctl.store.user_hooks import RUNNING, run_user_hook


class Job(Struct, frozen=True):
    """One notice for one target. `remembered` is set where it waits already."""

    target: NotifyTarget
    notice: Notice
    remembered: Remembered | None = None


def tell_after_write(workspace: Workspace, written: Written) -> list[Account]:
    """Tells who is to be told of a write, within a few seconds, and runs the user's hooks. What was not taken is queued and said.

    A write that is saved and not committed yet is told when it is: it waits in the queue, and no hook runs for it.
    """
    notice = notice_of(written.incident, written.entries) if written.unchanged is None else None
    if notice is None:
        return []
    notice = with_public_words(workspace, notice)
    jobs = [Job(target, notice) for target in workspace.settings.notify if not _reason(workspace, target, notice)]
    if written.refused is not None:
        accounts = [_put_off(workspace, job, "it is not committed yet") for job in jobs]
    else:
        accounts = send(workspace, jobs)
    for line in account_lines(accounts):
        workspace.outside.talk(line)
    if written.commit is not None:
        _run_hooks(workspace, notice, written)
    return accounts


def retry_waiting(workspace: Workspace) -> list[Account]:
    """Sends what waits, if its time has come. Says nothing itself."""
    outbox = Outbox(workspace.repository)
    if outbox.is_empty():
        return []
    jobs: list[Job] = []
    accounts: list[Account] = []
    targets = {target.name: target for target in workspace.settings.notify}
    for each in outbox.waiting():
        found = _job_of(workspace, each, targets)
        if isinstance(found, Job):
            jobs.append(found)
        else:
            accounts.append(_closed(workspace, outbox, each, found))
    outbox.forget_old(workspace.now)
    return [*accounts, *send(workspace, jobs)]


def send(workspace: Workspace, jobs: Iterable[Job], *, again: bool = False) -> list[Account]:
    """Sends each notice that was not sent before, and notes what became of it. `again` sends what was sent as well.

    All targets are told at once, and each of them in order. One that does not take something has the rest to come.
    """
    remaining = list(enumerate(jobs))
    accounts: dict[int, Account] = {}
    while remaining:
        now: dict[str, tuple[int, Job]] = {}
        for number, job in remaining:
            now.setdefault(job.target.name, (number, job))
        done = _send_at_once(workspace, list(now.values()), again=again)
        accounts |= done
        stopped = {each.target for each in done.values() if each.told in (Told.WAITING, Told.UNKNOWN)}
        remaining = [(number, job) for number, job in remaining if number not in done]
        for number, job in remaining:
            if job.target.name in stopped:
                accounts[number] = _put_off(workspace, job, "an earlier one comes first")
        remaining = [(number, job) for number, job in remaining if number not in accounts]
    return [accounts[number] for number in sorted(accounts)]


def _send_at_once(workspace: Workspace, jobs: list[tuple[int, Job]], *, again: bool) -> dict[int, Account]:
    """One notice for each of several targets, beside each other; by their numbers what became of them."""
    outbox = Outbox(workspace.repository)
    accounts: dict[int, Account] = {}
    held: list[tuple[int, Job, Claim, Message]] = []
    try:
        for number, job in jobs:
            prepared = _prepared(workspace, outbox, job, again=again)
            if isinstance(prepared, Account):
                accounts[number] = prepared
            else:
                held.append((number, job, *prepared))
        deliveries = _deliver(workspace, [message for _, _, _, message in held])
        for (number, job, claim, _), delivery in zip(held, deliveries, strict=True):
            accounts[number] = _noted(workspace, job, claim, delivery)
    finally:
        for _, _, claim, _ in held:
            claim.release()
    return accounts


def message_of(workspace: Workspace, target: NotifyTarget, notice: Notice, *, key: str, address: str) -> Message:
    """What a target gets: the words that its audience may see, harmless for any chat."""
    settings, audience = workspace.settings, meant(target).audience
    title, text = notice_as_text(
        notice, audience, zone=workspace.zone, now=workspace.now, prefix=settings.channel_prefix
    )
    data = notice_as_data(notice, audience, key=key, prefix=settings.channel_prefix)
    return Message(target.name, key, address, defused(title), defused(text), data)


def meant(target: NotifyTarget) -> Target:
    """A target of the settings, with the defaults of what they leave open."""
    given = Target(target.name)
    return Target(
        target.name,
        events=frozenset(map(Event, target.events)) if target.events else given.events,
        audience=Audience(target.audience) if target.audience else given.audience,
        severities=target.severities or (),
        services=target.services or (),
        drills=bool(target.drills),
    )


def notice_of_entry(workspace: Workspace, incident: str, entry: str) -> Notice | str | None:
    """The notice of an entry as the record has it now; a sentence where there is nothing to tell any more; None where it is not committed.

    The words are read anew: what was redacted meanwhile is not sent.
    """
    try:
        data = read_tip(workspace.repository, incident_path(workspace.settings, incident), cap=MAX_SIZE)
    except IncidentctlError:
        return None
    if data is None:
        return None
    document = parse_document(as_text(data), incident=incident)
    believed = believe(document, incident)
    found = next((each for each in believed.entries if each.id == entry), None)
    if found is None:
        return None
    if found.redacted is not None:
        return "its words were redacted"
    if all(each.id != entry for each in effective(believed.entries)):
        return "it was withdrawn"
    events = events_of(believed, found)
    return with_public_words(workspace, Notice(believed, found, events)) if events else "there is nothing in it to tell"


def with_public_words(workspace: Workspace, notice: Notice) -> Notice:
    """The notice with what the public may be told of the incident: the same as on the status page."""
    settings = workspace.settings
    if not any(target.audience == Audience.PUBLIC for target in settings.notify):
        return notice
    names, tags = public_names(settings), settings.status_page.private_tags
    return replace(notice, public=public_incident(notice.incident, services=names, inside_tags=tags))


# ------------------------------------------------------------------------------------------------------------- one by one


def _reason(workspace: Workspace, target: NotifyTarget, notice: Notice) -> str | None:
    return why_not(meant(target), notice, workspace.settings.scale)


def _prepared(workspace: Workspace, outbox: Outbox, job: Job, *, again: bool) -> Account | tuple[Claim, Message]:
    """A message that is claimed and noted as about to be sent; or why there is none."""
    incident, entry, name = job.notice.incident.id, job.notice.entry.id, job.target.name
    account = Account(name, incident, entry, Told.WAITING)
    address, missing = address_of(job.target, workspace.outside.environ)
    if address is None and job.remembered is None:
        return replace(account, told=Told.NO_ADDRESS, why=missing)
    try:
        claim = outbox.claim(key_of(incident, entry, name))
        if claim is None:
            return replace(account, told=Told.BUSY)
        known = claim.known
        if known is not None and not again and known.fate is not Fate.WAITING:
            claim.release()
            told = {Fate.SENT: Told.BEFORE, Fate.GIVEN_UP: Told.GIVEN_UP}.get(known.fate, Told.UNKNOWN)
            return replace(account, told=told, why=known.why or "the command that was about to tell it ended")
        if known is not None and known.not_before is not None and workspace.now < known.not_before and not again:
            claim.release()
            return replace(account, why=known.why, not_before=known.not_before)
        standing = Remembered(incident, entry, name, workspace.now) if known is None or again else known
        if address is None:
            claim.note(replace(standing, fate=Fate.WAITING, why=missing))
            claim.release()
            return _if_exhausted(workspace, outbox, standing, replace(account, why=missing))
        tries = (known.tries if known is not None else 0) + 1
        key = standing.key if not again else f"{standing.key}.{tries}"
        message = message_of(workspace, job.target, job.notice, key=key, address=address)
        claim.note(replace(standing, fate=Fate.SENDING, tries=tries, not_before=None))
    except IncidentctlError as error:
        # Without a note of it, it could be sent twice.
        return replace(account, told=Told.DROPPED, why=error.message)
    return claim, message


def _deliver(workspace: Workspace, messages: list[Message]) -> list[Delivery]:
    if not messages:
        return []
    try:
        return deliver(messages)
    except KeyboardInterrupt:
        # Whoever is tired of waiting has recorded it all the same.
        return [Delivery(Outcome.UNKNOWN, "interrupted")] * len(messages)


def _noted(workspace: Workspace, job: Job, claim: Claim, delivery: Delivery) -> Account:
    assert claim.known is not None
    known = claim.known
    later = workspace.now + timedelta(seconds=delivery.retry_after) if delivery.retry_after else None
    fate = {Outcome.SENT: Fate.SENT, Outcome.UNKNOWN: Fate.UNKNOWN}.get(delivery.outcome, Fate.WAITING)
    if fate is Fate.WAITING and known.is_exhausted(workspace.now):
        fate = Fate.GIVEN_UP
    account = Account(
        job.target.name,
        known.incident,
        known.entry,
        Told(fate.value),
        why=delivery.why,
        not_before=later if fate is Fate.WAITING else None,
    )
    try:
        claim.note(replace(known, fate=fate, not_before=account.not_before, why=delivery.why))
    except IncidentctlError:
        # The note that it was about to be sent, or half of this one, stands: it is not sent twice.
        return account
    return account


def _put_off(workspace: Workspace, job: Job, why: str) -> Account:
    incident, entry, name = job.notice.incident.id, job.notice.entry.id, job.target.name
    account = Account(name, incident, entry, Told.WAITING, why=why)
    try:
        claim = Outbox(workspace.repository).claim(key_of(incident, entry, name))
        if claim is not None:
            if claim.known is None:
                claim.note(Remembered(incident, entry, name, workspace.now, why=why))
            claim.release()
    except IncidentctlError as error:
        return replace(account, told=Told.DROPPED, why=error.message)
    return account


def _job_of(workspace: Workspace, each: Remembered, targets: dict[str, NotifyTarget]) -> Job | str | None:
    """What waits as a job; why it is over for good; or None where it has to wait on."""
    if each.fate is Fate.SENDING:
        return "the command that was about to tell it ended"
    target = targets.get(each.target)
    if target is None:
        return "there is no such target any more"
    notice = notice_of_entry(workspace, each.incident, each.entry)
    if not isinstance(notice, Notice):
        return notice
    # Its severity, or what the settings say, may be another by now.
    return _reason(workspace, target, notice) or Job(target, notice, each)


def _closed(workspace: Workspace, outbox: Outbox, each: Remembered, why: str | None) -> Account:
    """Notes that something is not sent any more, or with None that it waits on."""
    account = Account(each.target, each.incident, each.entry, Told.WAITING, why=each.why or "it is not committed yet")
    if why is None:
        return _if_exhausted(workspace, outbox, each, account)
    fate = Fate.UNKNOWN if each.fate is Fate.SENDING else Fate.GIVEN_UP
    told = Told.UNKNOWN if each.fate is Fate.SENDING else Told.DROPPED
    return _settled(outbox, each, fate, why, replace(account, told=told, why=why))


def _if_exhausted(workspace: Workspace, outbox: Outbox, each: Remembered, account: Account) -> Account:
    if not each.is_exhausted(workspace.now):
        return account
    return _settled(outbox, each, Fate.GIVEN_UP, account.why, replace(account, told=Told.GIVEN_UP))


def _settled(outbox: Outbox, each: Remembered, fate: Fate, why: str, account: Account) -> Account:
    try:
        claim = outbox.claim(each.key)
        if claim is None:
            return replace(account, told=Told.BUSY)
        if claim.known is not None and claim.known.fate in (Fate.WAITING, Fate.SENDING):
            claim.note(replace(each, fate=fate, why=why))
        claim.release()
    except IncidentctlError as error:
        return replace(account, told=Told.DROPPED, why=error.message)
    return account


# ------------------------------------------------------------------------------------------------------------------ hooks


def _run_hooks(workspace: Workspace, notice: Notice, written: Written) -> None:
    """Runs what the user wants run, one after the other. What fails is a line."""
    hooks, environ = workspace.settings.hooks, workspace.outside.environ
    if (notice.incident.is_drill and not hooks.drills) or environ.get(RUNNING):
        return
    for event in notice.events:
        command = hooks.commands.get(event.value)
        if command is None:
            continue
        with _said_at_most(workspace, event):
            failed = run_user_hook(
                command,
                json.dumps(hook_data(workspace, notice, event, written), ensure_ascii=True).encode(),
                event=event.value,
                repository=workspace.repository.work_tree or workspace.repository.git_dir,
                environ=environ,
            )
            if failed is not None:
                workspace.outside.talk(f"the hook for {event.value} failed: {show_safely(mask_secrets(failed))}")


def hook_data(workspace: Workspace, notice: Notice, event: Event, written: Written) -> dict[str, Any]:
    """What a hook has on its input."""
    key = key_of(notice.incident.id, notice.entry.id, f"hook:{event.value}")
    prefix = workspace.settings.channel_prefix
    data = notice_as_data(notice, Audience.INTERNAL, key=key, prefix=prefix, event=event)
    return data | {"path": written.path, "commit": written.commit}


@contextmanager
def _said_at_most(workspace: Workspace, event: Event) -> Iterator[None]:
    """Whatever goes wrong with a hook, the write stands."""
    try:
        yield
    except (IncidentctlError, OSError) as error:
        workspace.outside.talk(f"the hook for {event.value} failed: {show_safely(str(error))}")
    except KeyboardInterrupt:
        workspace.outside.talk(f"the hook for {event.value} was interrupted")
