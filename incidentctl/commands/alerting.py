"""`open --from`: from the bytes of a message to a request. Which incident it is of is decided later, under the lock."""

import os
import select
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.alerts.message import AlertMessage, Nothing, NotUnderstood
from incidentctl.alerts.reading import LARGEST, is_whole, read_message
from incidentctl.alerts.severity import gravity_of
from incidentctl.commands.options import Writing
from incidentctl.commands.writing import answer, write
from incidentctl.context import Outside, Workspace
from incidentctl.errors import UnknownAlertError, UsageError
from incidentctl.incident.entries import Opened
from incidentctl.incident.requests import AlertWord, Author, Happened, Request
from incidentctl.incident.times import resolve_zone
from incidentctl.output.answers import opened_line
from incidentctl.output.json_text import as_json
from incidentctl.store.files import OutsideError, read_file
from incidentctl.store.kept_alerts import keep_alert

PATIENCE_S: Final = 30.0
"""So long standard input is waited for, from the first moment to the last byte."""
_SILENCE_S: Final = 2.0
"""After so much silence a message that is whole is taken, though its sender has not hung up."""
_AHEAD: Final = timedelta(minutes=2)
"""So far another machine's clock may be ahead of ours."""
_MOST_SERVICES: Final = 10
_ONLY_IF_KNOWN: Final = ("job", "namespace", "component", "deployment")
"""Labels whose values are often no service: they count where the settings know them."""


class Received(NamedTuple):
    """What came by standard input; `fault` says why that is not all, where it is not."""

    data: bytes
    fault: str | None = None


class Alarm(Struct, frozen=True):
    """A message that was understood, and what a command makes of it."""

    message: AlertMessage
    title: str
    text: str
    keys: tuple[str, ...]
    services: tuple[str, ...]
    firing_since: tuple[datetime, ...]
    doubts: tuple[str, ...]

    @property
    def source(self) -> str:
        """Who sent it."""
        return self.message.source

    def opened(
        self, workspace: Workspace, severity: str | None, started_at: str | None, detected_at: str | None
    ) -> Opened:
        """The declaration: what was typed comes first, then the message. An unknown severity is the default, unconfirmed."""
        first = self.firing_since[0] if self.firing_since else None
        detected = first if detected_at is None else workspace.typed_time(detected_at)
        begun = self.message.started_at or first
        if started_at is not None:
            begun = workspace.typed_time(started_at)
        elif begun is not None and detected is not None and begun > detected:
            begun = detected
        scale = workspace.settings.scale
        if severity is not None:
            given = scale.parse_given(severity)
            return Opened(given.severity.name, given.given_as, started_at=begun, detected_at=detected)
        found = gravity_of(self.message.severities, scale, workspace.settings.alerts.severities)
        if found is None:
            return Opened(workspace.settings.default_severity, unconfirmed=True, started_at=begun, detected_at=detected)
        return Opened(found.name, found.given_as, started_at=begun, detected_at=detected)

    def estimated(self, opened: Opened, started_at: str | None) -> tuple[str, ...]:
        """When users were first hurt no alert knows: it is a guess until a person says it."""
        return ("started_at",) if opened.started_at is not None and started_at is None else ()

    def text_with(self, summary: str) -> str:
        """The words of the opening."""
        return f"{summary}\n{self.text}" if summary else self.text

    def record(self, workspace: Workspace, options: Writing, request: Request) -> None:
        """Records it, and answers: an opening, a note, or nothing that is new."""
        asked = request.keys.get("external_id")
        keys = tuple(dict.fromkeys((asked, *self.keys))) if isinstance(asked, str) else self.keys
        word = AlertWord(
            keys=keys if asked == self.keys[0] else keys[:1],
            happened=self.message.happened,
            text=self.text,
            at=self.message.at,
            firing_since=self.firing_since,
        )
        try:
            written = write(
                workspace, options, replace(request, author=_author(workspace, options, self.source), alert=word)
            )
        except UnknownAlertError:
            said = {Happened.ENDS: "the alert ended", Happened.SAYS: "a word on an alert"}.get(
                self.message.happened, ""
            )
            _say_nothing(workspace, options, self.source, f"{said}, and no incident is known of it")
            return
        written = replace(written, warnings=(*self.doubts, *written.warnings))
        is_new = not written.before
        also = {"alert": self._as_data(keys[0], "new" if is_new else "known" if written.unchanged else written.event)}
        incident = written.incident
        line = None
        if is_new:
            line = opened_line(
                incident,
                zone=workspace.zone,
                now=workspace.now,
                prefix=workspace.settings.channel_prefix,
                tells_declaration=options.at is not None,
            )
        answer(
            workspace,
            options,
            written,
            written.event,
            line=line,
            more=() if is_new else (incident.id,),
            shows_steps=is_new,
            tells_time=False,
            also=also,
        )

    def _as_data(self, key: str, outcome: str) -> dict[str, object]:
        words = {"alert noted": "noted", "alert ended": "ended"}
        return {
            "outcome": words.get(outcome, outcome),
            "source": self.source,
            "external_id": key,
            "happened": self.message.happened.value,
            "count": self.message.count,
        }


def alarm_of(workspace: Workspace, options: Writing, name: str, source: str | None) -> Alarm | None:
    """The message in a file, or on standard input for `-`. `None` where it asks for nothing, which is said.

    Raises `UsageError` for what cannot be understood; what came by standard input is kept then.
    """
    if name == "-" and options.message == "-":
        raise UsageError("--from and -m both want standard input", hint="give one of them a file, or words")
    zone = resolve_zone(options.tz) if options.tz else None
    received = _received(workspace, name)
    read = read_message(received.data, workspace.settings.alerts, source=source, zone=zone)
    if isinstance(read, NotUnderstood):
        fault = f"{received.fault}, and {read.what}" if received.fault else read.what
        raise UsageError(fault, hint="; ".join(filter(None, (_kept(workspace, options, name, received), read.hint))))
    if isinstance(read, Nothing):
        _say_nothing(workspace, options, read.source, read.why)
        return None
    clean, now = workspace.guard.clean, workspace.now
    since = tuple(dict.fromkeys(min(at, now) for at in read.firing_since if at <= now + _AHEAD))
    doubts = list(read.doubts)
    if len(since) < len(read.firing_since) and any(at > now + _AHEAD for at in read.firing_since):
        doubts.append("a time of the message lies ahead of now, and was left out: look at the clocks")
    if received.fault:
        doubts.append(f"{received.fault}; the message was whole by then, and was taken")
    return Alarm(
        message=read if read.at is None or read.at <= now + _AHEAD else replace(read, at=None),
        title=clean(read.title),
        text=clean(read.text),
        keys=tuple(clean(key) for key in read.keys),
        services=tuple(clean(each) for each in _services(workspace, read)),
        firing_since=since,
        doubts=tuple(doubts),
    )


def _services(workspace: Workspace, message: AlertMessage) -> tuple[str, ...]:
    """Those that the settings know, from any label; else what the first label says that names services."""
    settings = workspace.settings
    known = [service.name for _, word in message.services if (service := settings.service(word)) is not None]
    if known:
        return tuple(dict.fromkeys(known))[:_MOST_SERVICES]
    named = [(label, word) for label, word in message.services if label not in _ONLY_IF_KNOWN]
    return tuple(dict.fromkeys(word for label, word in named if label == named[0][0]))[:_MOST_SERVICES]


def _author(workspace: Workspace, options: Writing, source: str) -> Author:
    """Who sent it, unless the user says who speaks: a machine in any case."""
    if options.by is not None or workspace.outside.environ.get("INCIDENTCTL_AS"):
        return replace(workspace.author, agent=True)
    return Author(source, agent=True)


# ------------------------------------------------------------------------------------------------------ what comes in


def _received(workspace: Workspace, name: str) -> Received:
    if name == "-":
        return read_standard_input(workspace.outside)
    path = Path(workspace.outside.cwd, Path(name).expanduser())
    try:
        data = read_file(str(path.parent), path.name, cap=LARGEST)
    except OutsideError:
        raise UsageError(f"{name} is not a plain file", hint="hand over what is no file by `--from -`") from None
    if data is None:
        raise UsageError(f"there is no file {name}", hint="name one, or `-` for standard input")
    return Received(data)


def read_standard_input(outside: Outside, *, patience: float = PATIENCE_S, most: int = LARGEST) -> Received:
    """All of standard input, bounded in time (seconds) and in size (bytes). A person at a terminal is waited for."""
    stream = outside.stdin
    if stream.isatty():
        outside.talk("paste the message, then Ctrl-D:")
    try:
        handle = stream.fileno()
    except (OSError, ValueError):
        return _from_text(stream, most)
    return _from_text(stream, most) if stream.isatty() else _from_handle(handle, patience, most)


def _from_text(stream: TextIO, most: int) -> Received:
    data = stream.read(most + 1).encode("utf-8", "surrogateescape")
    return Received(data[:most], _too_long(most) if len(data) > most else None)


def _from_handle(handle: int, patience: float, most: int) -> Received:
    pieces: list[bytes] = []
    size = tried = 0
    ends_at = time.monotonic() + patience
    while True:
        left = ends_at - time.monotonic()
        if left <= 0:
            return Received(b"".join(pieces), f"the sender of standard input did not end within {patience:.0f} s")
        ready, _, _ = select.select([handle], [], [], min(left, _SILENCE_S))
        if not ready:
            if size > tried:
                tried = size
                data = b"".join(pieces)
                if is_whole(data):
                    return Received(data)
            continue
        piece = os.read(handle, 1 << 16)
        if not piece:
            return Received(b"".join(pieces))
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return Received(b"".join(pieces)[:most], _too_long(most))


def _too_long(most: int) -> str:
    return f"standard input has more than {most >> 20} MiB"


def _kept(workspace: Workspace, options: Writing, name: str, received: Received) -> str | None:
    """Where a message is kept that nobody understood; a file is where the user has it."""
    if name != "-" or options.dry_run or not received.data.strip():
        return None
    text = workspace.guard.clean(received.data.decode("utf-8", "surrogateescape"))
    path = keep_alert(
        workspace.repository, text.encode("utf-8", "surrogateescape"), stamp=f"{workspace.now:%Y%m%dT%H%M%SZ}"
    )
    return f"it is kept: {path}" if path else "it could not be kept"


def _say_nothing(workspace: Workspace, options: Writing, source: str, why: str) -> None:
    """That there is nothing to record is no fault: a receiver must not send it again."""
    if options.as_json:
        data = {"schema_version": 1, "kind": "alert", "outcome": "nothing", "source": source, "reason": why}
        workspace.outside.say(as_json(data))
    else:
        workspace.outside.say(f"nothing to record: {why}")
