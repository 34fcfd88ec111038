"""`notify`: the last update goes to those who are to be told, and what could not be sent goes now."""

import json
from typing import Annotated

import typer

from incidentctl.commands.completion import complete_target
from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.notifying import Job, meant, message_of, retry_waiting, send, with_public_words
from incidentctl.commands.options import Name, Reading, takes
from incidentctl.config.settings import NotifyTarget
from incidentctl.context import Workspace
from incidentctl.errors import ExitCode, IncidentctlError, RefusedError, UsageError
from incidentctl.incident.entries import Update
from incidentctl.incident.lifecycle import effective
from incidentctl.incident.notices import Notice, events_of, why_not
from incidentctl.output.json_text import as_json
from incidentctl.output.notices import trial_as_data, trial_as_text
from incidentctl.output.notifications import Account, Told, account_lines
from incidentctl.store.addresses import address_of
from incidentctl.store.delivery import Message, Outcome, deliver, scheme_of
from incidentctl.store.outbox import Outbox, key_of

EXAMPLES = """
ictl notify
ictl notify checkout --to ops --again
ictl notify --retry
ictl notify --test ops
ictl notify --list
"""

_NOT_TOLD = (Told.WAITING, Told.UNKNOWN, Told.GIVEN_UP, Told.NO_ADDRESS, Told.DROPPED)


@takes(Reading)
def command(
    *,
    name: Name = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="TARGET",
            help="Only this target; may be repeated.",
            autocompletion=complete_target,
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also to those who were told already.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Send what could not be sent before, of all incidents.")
    ] = False,
    test: Annotated[
        str | None,
        typer.Option(
            "--test",
            metavar="TARGET",
            help="Send a target a message that only tries it.",
            autocompletion=complete_target,
        ),
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the targets, and what waits for each.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Show what would be sent, and send nothing.")
    ] = False,
    options: Reading,
) -> None:
    """Tell others of the last update: those of `[[notify]]` who were not told yet. The record is not changed.

    Exit code 1 where somebody who is meant was not told.
    """
    chosen = [word for word, given in (("--retry", retry), ("--test", test is not None), ("--list", list_all)) if given]
    if len(chosen) > 1 or (chosen and (name or to or again)):
        raise UsageError(f"{chosen[0]} stands alone", hint="leave the rest out")
    with options.workspace() as workspace:
        if list_all:
            _list(workspace, options)
            return
        if not workspace.settings.notify:
            raise RefusedError(
                "there is nobody to tell", hint="[[notify]] in the settings names targets: docs/how-to/notify.md"
            )
        if retry:
            accounts = _waiting(workspace) if dry_run else retry_waiting(workspace)
            _answer(workspace, options, accounts, nothing="nothing waits")
        elif test is not None:
            accounts = [_test(workspace, _target(workspace, test), options, dry_run=dry_run)]
            _answer(workspace, options, accounts, nothing="")
        else:
            _tell(workspace, options, name, to, again=again, dry_run=dry_run)


def _tell(
    workspace: Workspace, options: Reading, name: str | None, to: list[str] | None, *, again: bool, dry_run: bool
) -> None:
    incident = workspace.reader.read(incident_to_read(workspace, name)).incident
    options.mark_drill(incident.is_drill)
    last = next((each for each in reversed(effective(incident.entries)) if isinstance(each.what, Update)), None)
    if last is None:
        raise RefusedError(f"{incident.id} has no update yet", hint=f"give one: `ictl update {incident.id} TEXT`")
    if last.redacted is not None:
        raise RefusedError("the words of the last update were redacted", hint="give a new one: `ictl update`")
    notice = with_public_words(workspace, Notice(incident, last, events_of(incident, last)))
    targets = [_target(workspace, word) for word in dict.fromkeys(to)] if to else list(workspace.settings.notify)
    jobs: list[Job] = []
    accounts: list[Account] = []
    for target in targets:
        reason = why_not(meant(target), notice, workspace.settings.scale)
        if reason is None:
            jobs.append(Job(target, notice))
        else:
            accounts.append(Account(target.name, incident.id, last.id, Told.NOT_MEANT, why=reason))
    if dry_run:
        accounts += _shown(workspace, options, jobs)
    else:
        accounts += send(workspace, jobs, again=again)
    _answer(workspace, options, accounts, nothing="nobody is to be told")


def _target(workspace: Workspace, word: str) -> NotifyTarget:
    names = [target.name for target in workspace.settings.notify]
    found = next((target for target in workspace.settings.notify if target.name == word), None)
    if found is None:
        raise UsageError(f"there is no target {word!r}", hint=f"it is one of {', '.join(names)}", candidates=names)
    return found


def _shown(workspace: Workspace, options: Reading, jobs: list[Job]) -> list[Account]:
    """What each would get, printed."""
    accounts: list[Account] = []
    for job in jobs:
        incident, entry = job.notice.incident.id, job.notice.entry.id
        message = message_of(
            workspace, job.target, job.notice, key=key_of(incident, entry, job.target.name), address=""
        )
        accounts.append(Account(job.target.name, incident, entry, Told.WOULD_SEND))
        if not options.as_json:
            _show(workspace, message, is_webhook=_is_webhook(workspace, job.target))
    return accounts


def _show(workspace: Workspace, message: Message, *, is_webhook: bool) -> None:
    workspace.outside.say(f"to {message.target}:")
    text = json.dumps(message.data, ensure_ascii=True, indent=2) if is_webhook else f"{message.title}\n{message.text}"
    for line in text.split("\n"):
        workspace.outside.say(f"  {line}".rstrip())


def _is_webhook(workspace: Workspace, target: NotifyTarget) -> bool:
    address, _ = address_of(target, workspace.outside.environ)
    try:
        return address is not None and scheme_of(address) in ("json", "jsons")
    except IncidentctlError:
        return False


def _test(workspace: Workspace, target: NotifyTarget, options: Reading, *, dry_run: bool) -> Account:
    """Tries a target, whatever it is told of. Nothing is queued."""
    account = Account(target.name, "", "", Told.SENT)
    address, missing = address_of(target, workspace.outside.environ)
    if address is None:
        return Account(target.name, "", "", Told.NO_ADDRESS, why=missing)
    key = f"test-{workspace.outside.chance():x}"
    title, text = trial_as_text(target.name)
    data = trial_as_data(target.name, meant(target).audience, key=key, at=workspace.now)
    message = Message(target.name, key, address, title, text, data)
    if dry_run:
        if not options.as_json:
            _show(workspace, message, is_webhook=_is_webhook(workspace, target))
        return Account(target.name, "", "", Told.WOULD_SEND)
    (delivery,) = deliver([message])
    if delivery.outcome is Outcome.SENT:
        return account
    told = Told.UNKNOWN if delivery.outcome is Outcome.UNKNOWN else Told.DROPPED
    return Account(target.name, "", "", told, why=delivery.why)


def _waiting(workspace: Workspace) -> list[Account]:
    return [
        Account(each.target, each.incident, each.entry, Told.WOULD_SEND, each.why, each.not_before)
        for each in Outbox(workspace.repository).waiting()
    ]


def _answer(workspace: Workspace, options: Reading, accounts: list[Account], *, nothing: str) -> None:
    outside = workspace.outside
    if options.as_json:
        outside.say(as_json(_as_data(workspace, accounts)))
    else:
        lines = account_lines(accounts)
        would = [
            f"would tell {each.target} of {each.incident} e:{each.entry}"
            for each in accounts
            if each.told is Told.WOULD_SEND
        ]
        lines += would if all(each.entry for each in accounts) else []
        for line in lines or ([nothing] if not accounts and nothing else []):
            outside.say(line)
        for each in accounts:
            if each.told is Told.NO_ADDRESS:
                outside.talk(f"{each.target}: {each.why}")
    if any(each.told in _NOT_TOLD for each in accounts):
        raise typer.Exit(int(ExitCode.FOUND))


def _list(workspace: Workspace, options: Reading) -> None:
    if options.as_json:
        workspace.outside.say(as_json(_as_data(workspace, [])))
        return
    if not workspace.settings.notify:
        workspace.outside.say("no targets: [[notify]] in the settings names them")
    waiting = Outbox(workspace.repository).waiting()
    for row in _rows(workspace):
        parts = [str(row["target"]), str(row["audience"]), ", ".join(row["events"])]  # type: ignore[arg-type]
        for key in ("severities", "services"):
            if row[key]:
                parts.append(", ".join(row[key]))  # type: ignore[arg-type]
        parts += ["drills as well"] if row["drills"] else []
        parts.append(f"{row['scheme']}://" if row["scheme"] else str(row["missing"]))
        count = sum(each.target == row["target"] for each in waiting)
        workspace.outside.say(" · ".join([*parts, *([f"{count} waiting"] if count else [])]))


def _as_data(workspace: Workspace, accounts: list[Account]) -> dict[str, object]:
    return {
        "schema_version": 1,
        "kind": "notify",
        "deliveries": [each.as_data() for each in accounts],
        "targets": _rows(workspace),
        "waiting": [each.as_data() for each in _waiting(workspace)],
    }


def _rows(workspace: Workspace) -> list[dict[str, object]]:
    """Each target for a program. Of its address only the kind is told."""
    rows: list[dict[str, object]] = []
    for each in workspace.settings.notify:
        target = meant(each)
        address, missing = address_of(each, workspace.outside.environ)
        scheme: str | None = None
        if address is not None:
            try:
                scheme = scheme_of(address)
            except IncidentctlError as error:
                missing = error.message
        unknown = [word for word in target.severities if workspace.settings.scale.find(word) is None]
        if unknown:
            missing = "; ".join(filter(None, (missing, f"{', '.join(unknown)} is not on the scale")))
        rows.append(
            {
                "target": target.name,
                "audience": target.audience.value,
                "events": sorted(target.events),
                "severities": list(target.severities),
                "services": list(target.services),
                "drills": target.drills,
                "variable": None if each.url or each.keyring else each.variable,
                "scheme": scheme,
                "missing": missing or None,
            }
        )
    return rows
