"""`open`: the declaration."""

import re
from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.completion import complete_person, complete_service, complete_severity
from incidentctl.commands.naming import make_current
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.words import text_of
from incidentctl.commands.writing import answer, request_of, write
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.entries import COMMANDER, Entry, Milestone, Opened, Reached, RoleChange, What
from incidentctl.incident.ids import incident_id, slug_of
from incidentctl.incident.model import Incident, Value
from incidentctl.incident.policy import GivenSeverity
from incidentctl.incident.requests import Verb
from incidentctl.incident.secrets import without_masks
from incidentctl.incident.words import clean_line, clean_text
from incidentctl.output.answers import opened_line

_PICTURES = re.compile("[\u2400-\u2426\ufffd]")
"""What stands in a text for control characters: nothing that an id should spell out."""

EXAMPLES = """
ictl open Checkout latency -s 1-2 --service checkout --detected-at -4m
ictl open "Login fails" -s 2 --commander me --started-at 09:51
ictl open "Search slow" -s 3 --at "yesterday 10:05" \\
    --mitigated-at "yesterday 10:40" --resolved-at "yesterday 11:30"
ictl open "Failover exercise" --drill
ictl open --from alert.json --dry-run
"""


@takes(Writing, without=("incident",))
def command(
    *,
    title: Annotated[
        list[str] | None, typer.Argument(metavar="[TITLE]...", help="What is wrong, in a few words; no quotes needed.")
    ] = None,
    severity: Annotated[
        str | None,
        typer.Option(
            "--severity",
            "-s",
            metavar="SEV",
            help="`1`, `sev1`, `1-2` or `sev2?`: in doubt the higher.",
            autocompletion=complete_severity,
        ),
    ] = None,
    service: Annotated[
        list[str] | None,
        typer.Option(
            "--service",
            metavar="NAME",
            help="What is affected; may be repeated.",
            autocompletion=complete_service,
        ),
    ] = None,
    summary: Annotated[str | None, typer.Option("--summary", metavar="TEXT", help="What is seen.")] = None,
    started_at: Annotated[
        str | None, typer.Option("--started-at", metavar="TIME", help="When users were first hurt, if you know.")
    ] = None,
    detected_at: Annotated[
        str | None, typer.Option("--detected-at", metavar="TIME", help="When the alert fired or the first report came.")
    ] = None,
    mitigated_at: Annotated[
        str | None, typer.Option("--mitigated-at", metavar="TIME", help="For one that is over: when users were well.")
    ] = None,
    resolved_at: Annotated[
        str | None, typer.Option("--resolved-at", metavar="TIME", help="For one that is over: when it was mended.")
    ] = None,
    commander: Annotated[
        str | None,
        typer.Option("--commander", metavar="PERSON", help="Who coordinates; `me`.", autocompletion=complete_person),
    ] = None,
    bridge: Annotated[str | None, typer.Option("--bridge", metavar="URL", help="The call to join.")] = None,
    slug: Annotated[
        str | None,
        typer.Option("--slug", metavar="WORDS", help="Words for the id and channel, where the title is confidential."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="May be repeated.")] = None,
    team: Annotated[str | None, typer.Option("--team", metavar="TEAM", help="Whose it is.")] = None,
    external_id: Annotated[
        str | None, typer.Option("--external-id", metavar="ID", help="Its id in another system.")
    ] = None,
    from_file: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="A message of monitoring, `-` for standard input: Alertmanager, Grafana, PagerDuty, or `[[alert]]` in the settings.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="Whose message it is, where that is not to be found out."),
    ] = None,
    drill: Annotated[bool, typer.Option("--drill", help="An exercise: marked everywhere, counted nowhere.")] = False,
    options: Writing,
) -> None:
    """Declare an incident. It becomes the current one: commands without a name mean it.

    At a terminal an earlier incident that looks like it, by title, services and tags, is named, with the line to type if it is the same.

    With `--from` a machine opens it: in triage until a human takes it, and never the current one. A message on an alert that has
    an incident is a note there. What the command line says of title, severity, services and times comes before the message.
    """
    if source is not None and from_file is None:
        raise UsageError("--source says whose message it is, and no message is given", hint="name one: --from FILE")
    if from_file is not None and (mitigated_at or resolved_at):
        raise UsageError("an alert opens what is not over", hint="leave --mitigated-at and --resolved-at out")
    with options.workspace() as workspace:
        declared_at = options.at_in(workspace) or workspace.now
        alarm = None
        if from_file is not None:
            from incidentctl.commands.alerting import alarm_of  # only for what monitoring says

            alarm = alarm_of(workspace, options, from_file, source)
            if alarm is None:
                return
        if not options.dry_run:
            options.look_first(workspace)  # somebody may have declared it already
        asks = "what is wrong" if alarm is None else None
        words = clean_line(text_of(workspace, list(title or ()), options.message, asks=asks))
        if alarm is None:
            opened = _opened(workspace, severity, started_at, detected_at)
        else:
            words = words or alarm.title
            opened = alarm.opened(workspace, severity, started_at, detected_at)
        keys: dict[str, Value] = {
            "title": words,
            "drill": "true" if drill else None,
            "services": _services(workspace, service) or (alarm.services if alarm else ()),
            "team": clean_line(team or "") or None,
            "tags": _listed(tag),
            "bridge": clean_line(bridge or "") or None,
            "external_id": clean_line(external_id or "") or (alarm.keys[0] if alarm else None),
        }
        if alarm is not None:
            keys["estimated"] = alarm.estimated(opened, started_at)
        text = clean_text(summary or "") if alarm is None else alarm.text_with(clean_text(summary or ""))
        whats = _entries(workspace, opened, commander, mitigated_at, resolved_at, text)
        name = incident_id(
            declared_at.date(), slug_of(_PICTURES.sub(" ", without_masks(clean_line(slug or "") or words)))
        )
        request = request_of(workspace, options, Verb.OPEN, name, keys={k: v for k, v in keys.items() if v})
        request = replace(request, entries=tuple(whats))
        if alarm is not None:
            alarm.record(workspace, options, request)
            return
        written = write(workspace, options, request)
        incident = written.incident
        if not options.dry_run and not (incident.state.status and incident.state.status.is_over):
            make_current(workspace, incident.id)
        line = opened_line(
            incident,
            zone=workspace.zone,
            now=workspace.now,
            prefix=workspace.settings.channel_prefix,
            tells_declaration=options.at is not None,
        )
        if incident.id != name:
            workspace.outside.talk(
                f"there is a {name} already: if it is the same one, ictl cancel {incident.id} --duplicate-of {name}"
            )
        answer(workspace, options, written, "opened", line=line, shows_steps=True, tells_time=False)
        if workspace.outside.is_terminal and not (options.as_json or options.dry_run or drill):
            _say_look_alike(workspace, incident)


def _say_look_alike(workspace: Workspace, incident: Incident) -> None:
    """An earlier one that looks like it, told when all else is done and said; nothing goes wrong for it."""
    from incidentctl.commands.look_alikes import look_alike  # only at a terminal: it loads the figures

    line = look_alike(workspace, incident)
    if line is not None:
        workspace.outside.talk(line)


def _severity(workspace: Workspace, word: str | None) -> GivenSeverity | None:
    """The severity that was given, or is given now to who asks; `None` where the default is to stand for it."""
    scale, default = workspace.settings.scale, workspace.settings.default_severity
    if word is not None or not workspace.outside.is_terminal:
        return scale.parse_given(word) if word is not None else None
    question = f"severity ({', '.join(scale.names)}; in doubt as 1-2; empty: {default}, unconfirmed): "
    while True:
        try:
            answer = workspace.outside.ask(question)
        except EOFError:
            return None
        try:
            return scale.parse_given(answer) if answer else None
        except UsageError as error:
            workspace.outside.talk(f"{error.message}: {error.hint}")


def _opened(workspace: Workspace, severity: str | None, started_at: str | None, detected_at: str | None) -> Opened:
    """The declaration's own words. Without a severity it is asked for, else the default stands, unconfirmed."""
    default = workspace.settings.default_severity
    times = [None if text is None else workspace.typed_time(text) for text in (started_at, detected_at)]
    given = _severity(workspace, severity)  # last, so that nobody is asked in vain
    return Opened(
        severity=given.severity.name if given else default,
        given_as=given.given_as if given else None,
        unconfirmed=given is None,
        started_at=times[0],
        detected_at=times[1],
    )


def _entries(
    workspace: Workspace,
    opened: Opened,
    commander: str | None,
    mitigated_at: str | None,
    resolved_at: str | None,
    summary: str,
) -> list[Entry]:
    now = workspace.now
    entries = [Entry(at=now, what=opened, text=summary)]
    if commander:
        holder = workspace.person(commander)
        if holder is None:
            raise UsageError(f"{commander!r} is no person", hint="write a handle as @ann, or `me`")
        entries.append(Entry(at=now, what=RoleChange(COMMANDER, holder)))
    milestones: tuple[tuple[str | None, What], ...] = (
        (mitigated_at, Reached(Milestone.MITIGATED)),
        (resolved_at, Reached(Milestone.RESOLVED)),
    )
    entries += [Entry(at=workspace.typed_time(text), what=what) for text, what in milestones if text is not None]
    return entries


def _services(workspace: Workspace, given: list[str] | None) -> tuple[str, ...]:
    """Services by the name that the settings know them under; others as they were typed."""
    words = _listed(given)
    return tuple(service.name if (service := workspace.settings.service(word)) else word for word in words)


def _listed(given: list[str] | None) -> tuple[str, ...]:
    items = [clean_line(part) for word in given or () for part in word.split(",")]
    return tuple(dict.fromkeys(item for item in items if item))
