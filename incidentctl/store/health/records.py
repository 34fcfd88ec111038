"""Checks of the record itself: files that cannot be read, ids, places, what is not committed, words that wait, and clocks."""

import os
import re
import shlex
from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from incidentctl.document.saved_words import request_of_data
from incidentctl.errors import IncidentctlError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.times import describe_duration, format_instant
from incidentctl.store.git import Git
from incidentctl.store.health.check import (
    Check,
    Finding,
    Findings,
    Group,
    count,
    listed,
    mended,
    to_know,
    to_mend,
    well,
)
from incidentctl.store.health.patient import Patient
from incidentctl.store.kept_alerts import kept_alerts, kept_folder
from incidentctl.store.reading import incident_path, incidents_folder, postmortem_path, postmortems_folder
from incidentctl.store.spool import Spool

AHEAD = timedelta(minutes=2)
"""How far two clocks may differ before somebody should know."""
_LAST_COMMITS = 20
_MOST_NAMED = 20


def incidents(patient: Patient) -> Findings:
    """Commands over many incidents leave out what they cannot read, and say so each time."""
    rows, unreadable = patient.record
    said_elsewhere = {*_misplaced(patient), *patient.incidents.links}
    for each in unreadable:
        if each.path in said_elsewhere:
            continue  # with what mends it
        name = _name(each.path)
        known = is_incident_id(name) and not each.reason.startswith(each.path)
        yield to_mend(
            f"{each.path}:{each.line}: {each.reason}",
            f"`ictl edit {name}`" if known else f"mend it, or move it out of {patient.incidents.folder}/",
        )
    if not unreadable:
        yield well(f"{count(len(rows), 'incident')} can be read")


def postmortems(patient: Patient) -> Findings:
    """A post-mortem with broken front matter, or with the marks of a merge, is not written by any command."""
    heads = patient.postmortems.heads
    faults = {path: head for path, head in heads.items() if head.fault is not None}
    for path, head in faults.items():
        name = _name(path)
        yield to_mend(
            f"{path}:{head.fault_line}: {head.fault}",
            f"`ictl postmortem edit {name}`" if is_incident_id(name) else "mend it in your editor",
        )
    for path, head in heads.items():
        name = _name(path)
        if head.incident not in (None, name) and is_incident_id(name) and path not in faults:
            yield to_mend(
                f"{path}:{head.line}: it says that it is about {head.incident}, and its name is {name}",
                f"write `incident: {name}` there, or rename the file",
            )
    if not faults:
        yield well(f"{count(len(heads), 'post-mortem')} can be read")


def ids(patient: Patient) -> Findings:
    """An id is the name of its file, and no two files have the same."""
    heads = patient.incidents.heads
    same: defaultdict[str, list[str]] = defaultdict(list)
    for path, head in heads.items():
        if head.id is not None:
            same[head.id].append(path)
    twice = {name: paths for name, paths in same.items() if len(paths) > 1}
    for name, paths in twice.items():
        yield to_mend(f"{len(paths)} files have the id {name}: {listed(paths)}", "give each the `id:` that is its name")
    for path, head in heads.items():
        name = _name(path)
        if head.id not in (None, name) and head.id not in twice and is_incident_id(name):
            yield to_mend(f"{path}:{head.line}: its id is {head.id}, and its name is not", f"write `id: {name}` there")


def places(patient: Patient) -> Findings:
    """A file is looked for in the folder of its year and month."""
    for path in _misplaced(patient):
        name = _name(path)
        wanted = (
            incident_path(patient.settings, name)
            if _is_incident(patient, path)
            else postmortem_path(patient.settings, name)
        )
        if wanted in _paths(patient):
            yield to_mend(
                f"{path} and {wanted} are the same incident: only the second one is read",
                f"put what is in the first one into the second, then `git rm {shlex.quote(path)}`",
            )
        else:
            yield to_mend(
                f"{path} is not in the folder of its date",
                f"`mkdir -p {shlex.quote(os.path.dirname(wanted))} && git mv {shlex.quote(path)} {shlex.quote(wanted)}`",
            )


def _misplaced(patient: Patient) -> list[str]:
    settings = patient.settings
    return [
        path
        for heads, place in ((patient.incidents, incident_path), (patient.postmortems, postmortem_path))
        for path in heads.paths
        if is_incident_id(_name(path)) and path != place(settings, _name(path))
    ]


def _is_incident(patient: Patient, path: str) -> bool:
    return path.startswith(f"{patient.incidents.folder}/")


def _paths(patient: Patient) -> frozenset[str]:
    return frozenset((*patient.incidents.paths, *patient.postmortems.paths))


def links(patient: Patient) -> Findings:
    """A link may lead anywhere, so none is followed: what is behind it is not read."""
    for path in dict.fromkeys((*patient.incidents.links, *patient.postmortems.links)):
        yield to_mend(f"{path} is a symbolic link: it is not read", "put the file or folder in its place")


def ignored(patient: Patient) -> Findings:
    """A command commits an ignored file all the same, and `git add` and `git status` pass it over."""
    found = patient.repository
    if not found.checked_out:
        return
    for place in (incident_path, postmortem_path):
        path = place(patient.settings, "2026-01-01-example")
        answer = found.git.run("check-ignore", "-v", "-z", "--stdin", stdin=os.fsencode(path) + b"\0")
        fields = [os.fsdecode(field) for field in answer.out.split(b"\0")]
        if answer.code == 0 and len(fields) >= 4 and not fields[2].startswith("!"):
            yield to_know(
                f"{fields[0]}:{fields[1]}: {fields[2]!r} ignores {os.path.dirname(path)}/: new records are not seen by `git status`",
                f"`!{path.split('/2026/')[0]}/**` below it",
            )


def sparse(patient: Patient) -> Findings:
    """What a sparse checkout leaves out is not in the work tree, where commands look."""
    found = patient.repository
    if not found.checked_out or not found.git.config.flag("core.sparsecheckout"):
        return
    folders = (incidents_folder(patient.settings), postmortems_folder(patient.settings))
    out = found.git.ask("--literal-pathspecs", "ls-files", "-t", "-z", "--", *folders)
    left_out = [line for line in out.split(b"\0") if line.startswith(b"S ")]
    if left_out:
        yield to_mend(
            f"a sparse checkout leaves out {count(len(left_out), 'file')} of the record: no list shows what is in them",
            f"`git sparse-checkout add {shlex.join(folders)}`",
        )


def uncommitted(patient: Patient) -> Findings:
    """What is only in the work tree is lost with it. A hand edit is taken in by the next command on that incident."""
    found = patient.repository
    if not found.checked_out:
        yield from _in_another_work_tree(patient)
        return
    folders = (incidents_folder(patient.settings), postmortems_folder(patient.settings))
    changes = _changes(found.git, folders)
    unmerged = [path for state, path in changes if "U" in state or state in ("AA", "DD")]
    others = [(state, path) for state, path in changes if path not in unmerged]
    if unmerged:
        yield to_mend(
            f"{listed(unmerged)}: in conflict since a merge", f"settle it, then `git add {shlex.quote(unmerged[0])}`"
        )
    for words, paths in _sorted_changes(others):
        yield to_know(
            f"{listed(paths)}: {words}",
            f"`git add {_arguments(paths)} && git commit -m 'records by hand' -- {_arguments(paths)}`"
            if "gone" not in words
            else f"`git restore {_arguments(paths)}` brings it back",
        )


def _sorted_changes(changes: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    new = [path for state, path in changes if state in ("??", "A ", "AM")]
    gone = [path for state, path in changes if "D" in state]
    changed = [path for state, path in changes if path not in new and path not in gone]
    named = (
        ("new, and not committed", new),
        ("changed, and not committed", changed),
        ("gone from the work tree, and still on the record", gone),
    )
    return [(words, paths) for words, paths in named if paths]


def _arguments(paths: list[str]) -> str:
    """Paths for a command line; a folder in the place of many."""
    if len(paths) > _MOST_NAMED:
        return shlex.quote(os.path.commonpath(paths))
    return shlex.join(paths)


def _in_another_work_tree(patient: Patient) -> Findings:
    """Incidents that somebody writes where commands do not look for them."""
    found = patient.repository
    if found.called_in is None:
        return
    changes = _changes(found.git_here, (incidents_folder(patient.settings),))
    if changes:
        yield to_know(
            f"{listed(path for _, path in changes)}: changed in {found.called_in}, where {found.branch} is not checked out: not read",
            f"`git stash -u`, then `git switch {shlex.quote(found.branch)}` and `git stash pop`",
        )


def _changes(git: Git, folders: tuple[str, ...]) -> list[tuple[str, str]]:
    """What `git status` says of the files below some folders, as two letters and a path."""
    arguments = ("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=all")
    out = git.ask("--literal-pathspecs", *arguments, "--", *folders)
    lines = [os.fsdecode(line) for line in out.split(b"\0") if line]
    return [(line[:2], line[3:]) for line in lines]


def spool(patient: Patient) -> Findings:
    """Words that could not be committed wait there; they are seen already, and others do not have them."""
    box = Spool(patient.repository.own_dir, patient.environ)
    waiting = len(box.pending())
    if waiting and patient.fix:
        before, waiting = waiting, _after_taking_in(patient, box)
        if waiting < before:
            yield mended(f"committed what was saved before: {count(before - waiting, 'command')}")
    if waiting:
        yield to_mend(
            f"{count(waiting, 'command has', 'commands have')} words that are saved and not committed: {_whose(box)}",
            "mend what the other checks name; the next command, or `incidentctl doctor --fix`, commits them",
        )
    for path in box.broken():
        yield to_mend(
            f"{path} holds words that no command can read",
            f"`cat {shlex.quote(path)}`; note them again, then remove it",
        )


def _after_taking_in(patient: Patient, box: Spool) -> int:
    try:
        patient.clone.take_in()
    except IncidentctlError:
        pass  # what waits, still waits, and is named
    return len(box.pending())


def _whose(box: Spool) -> str:
    names: list[str] = []
    for data in box.pending():
        try:
            request, _, _ = request_of_data(data)
        except (ValueError, KeyError, TypeError):
            names.append("an item that cannot be read")
        else:
            names.append(f"{request.verb.value} {request.incident}".strip())
    return listed(names)


def drafts(patient: Patient) -> Findings:
    """A text that was left in an editor is in no file of the record."""
    folder = os.path.join(patient.repository.own_dir, "drafts")
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".md"))
    except OSError:
        return
    for name in names:
        incident = name.removesuffix(".md").removesuffix(".postmortem")
        verb = "postmortem edit" if name.endswith(".postmortem.md") else "edit"
        yield to_know(
            f"a text of yours was left in an editor: {os.path.join(folder, name)}",
            f"`ictl {verb} {shlex.quote(incident)}` opens it again",
        )


def alerts(patient: Patient) -> Findings:
    """Nobody reads what a receiver of webhooks prints: a sender that is not understood may never have opened an incident."""
    names = kept_alerts(patient.repository)
    if names:
        last = os.path.join(kept_folder(patient.repository), names[-1])
        yield to_know(
            f"{count(len(names), 'message')} of monitoring could not be understood; the last one is {last}",
            f"`ictl open --from {shlex.quote(last)} --dry-run` says why; remove what is done with",
        )


def clock(patient: Patient) -> Findings:
    """Times come from the machine's clock; an entry from tomorrow stands after all that follows."""
    found = patient.repository
    refs = [found.ref, *(f"refs/remotes/{remote}/{found.branch}" for remote in remotes_of(found.git))]
    for ref in refs:
        at = _committed_at(patient, ref)
        if at is not None:
            yield from judge_commit_time(ref.removeprefix("refs/heads/").removeprefix("refs/remotes/"), at, patient.now)
    out = found.git.run("rev-list", "--first-parent", f"--max-count={_LAST_COMMITS}", "--format=%h %ct", refs[0], "--")
    lines = [line.split() for line in out.text.splitlines() if not line.startswith("commit ")]
    yield from judge_order(found.branch, lines if out.code == 0 else [])
    yield from judge_entries(
        [(row.id, datetime.fromisoformat(row.last_at)) for row in patient.record[0] if row.last_at], patient.now
    )


def remotes_of(git: Git) -> list[str]:
    """The names of the remotes that have an address."""
    return [name[7:-4] for name in git.config.names() if name.startswith("remote.") and name.endswith(".url")]


def _committed_at(patient: Patient, ref: str) -> datetime | None:
    commit = patient.repository.objects.get(ref)
    match = re.search(rb"^committer .*> (-?\d+) [-+]\d+$", commit.data, re.MULTILINE) if commit is not None else None
    try:
        return datetime.fromtimestamp(int(match[1]), patient.now.tzinfo) if match else None
    except (OverflowError, ValueError, OSError):
        return None


def judge_commit_time(name: str, at: datetime, now: datetime) -> list[Finding]:
    """Of when the last commit of a branch was made, as its clock said."""
    if at <= now + AHEAD:
        return []
    return [
        to_mend(
            f"the last commit on {name} was made {describe_duration(at - now)} from now: a clock is off, this one or the other",
            "compare with another: `date -u`; `timedatectl` says whether it is kept right",
        )
    ]


def judge_entries(last: list[tuple[str, datetime]], now: datetime) -> list[Finding]:
    """Of the last entry of each incident."""
    ahead = [(name, at) for name, at in last if at > now + AHEAD]
    if not ahead:
        return []
    name, at = max(ahead, key=lambda each: each[1])
    others = f"; the same for {count(len(ahead) - 1, 'other')}" if len(ahead) > 1 else ""
    return [
        to_mend(
            f"{name} has an entry at {format_instant(at)}, {describe_duration(at - now)} from now{others}",
            f"set the clock right if it is behind; else correct the time: `ictl edit {name}`",
        )
    ]


def judge_order(name: str, commits: list[list[str]]) -> list[Finding]:
    """Of the last commits of a branch, newest first, each with its time: one that is older than the one before it."""
    for (after, later), (_, earlier) in pairwise(commits):
        behind = timedelta(seconds=int(earlier) - int(later))
        if behind > AHEAD:
            return [
                to_know(
                    f"commit {after} on {name} is dated {describe_duration(behind)} before its parent: a clock jumped, or is off",
                    f"`git log --format='%h %cd %cn' -5 {after}` says whose",
                )
            ]
    return []


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


CHECKS = (
    Check("incidents", Group.RECORD, "Every incident file can be read.", incidents),
    Check(
        "postmortems", Group.RECORD, "Every post-mortem can be read, and is about the incident of its name.", postmortems
    ),
    Check("ids", Group.RECORD, "Each id is the name of its file, and there is no other with it.", ids),
    Check("places", Group.RECORD, "Each file is in the folder of its year and month.", places),
    Check("links", Group.RECORD, "No file or folder of the record is a symbolic link.", links),
    Check("ignored", Group.RECORD, "No `.gitignore` passes over the record.", ignored),
    Check("sparse", Group.RECORD, "No sparse checkout leaves out a part of it.", sparse),
    Check("uncommitted", Group.RECORD, "What is in the work tree is committed.", uncommitted),
    Check(
        "spool", Group.RECORD, "No words wait to be committed.", spool, mends="commits them, where that is possible now"
    ),
    Check("drafts", Group.RECORD, "No text was left in an editor.", drafts),
    Check("alerts", Group.RECORD, "Every message of monitoring was understood.", alerts),
    Check("clock", Group.RECORD, "No commit and no entry is from the future, and no clock jumped.", clock),
)  # fmt: skip
