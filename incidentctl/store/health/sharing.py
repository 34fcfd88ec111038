"""Checks of what others have of the record. Asks no remote unless told to, and then in bounded time and without a prompt."""

import os
import shlex

from incidentctl.errors import RepositoryError
from incidentctl.store.git import Config, reason
from incidentctl.store.health.check import (
    Check,
    Findings,
    Group,
    age,
    count,
    listed,
    not_asked,
    to_know,
    to_mend,
    well,
)
from incidentctl.store.health.patient import Patient
from incidentctl.store.network import Trouble, has_branch
from incidentctl.store.remotes import remote_of
from incidentctl.store.repository import POSTMORTEM_BRANCHES

_ONLINE_S = 10.0
_SHARE = "`ictl sync`"


def upstream(patient: Patient) -> Findings:
    """Where the record is shared with others, and where it is not."""
    found = patient.repository
    remote = remote_of(found, found.branch)
    if remote is None:
        yield well("there is no remote: the record is in this clone alone")
        return
    config = found.git.config
    merges = config.text(f"branch.{found.branch}.merge")
    if merges is None or config.text(f"branch.{found.branch}.remote") is None:
        if found.tip_ref == found.ref:
            yield to_know(
                f"{found.branch} has no branch at {remote.name} that it is shared with",
                f"`git push -u {shlex.quote(remote.name)} {shlex.quote(found.branch)}`",
            )
    else:
        yield well(f"{found.branch} is shared with {merges.removeprefix('refs/heads/')} at {remote.name}")


def unshared(patient: Patient) -> Findings:
    """What others do not have yet, and what they have and this clone has not, as of the last time that somebody asked."""
    found = patient.repository
    theirs = _upstream_ref(found.git.config, found.branch)
    if theirs is None or found.objects.commit_of(found.ref) is None or found.objects.commit_of(theirs) is None:
        yield not_asked(f"{found.branch} is not known to be at a remote")
        return
    answer = found.git.run("rev-list", "--left-right", "--count", f"{found.ref}...{theirs}", "--")
    ahead, _, behind = answer.text.partition("\t")
    if answer.code != 0 or not (ahead.isdigit() and behind.isdigit()):
        yield to_know(f"{found.branch} and {theirs} cannot be compared: {reason(answer.err)}")
        return
    name = theirs.removeprefix("refs/remotes/")
    asked = _asked(patient, theirs)
    if int(ahead) and int(behind):
        yield to_know(
            f"{count(int(ahead), 'commit')} not shared, and {behind} of others not taken over: {found.branch} and {name} went apart{asked}",
            _SHARE,
        )
    elif int(ahead):
        yield to_know(
            f"{count(int(ahead), 'commit')} not shared: {name} does not have {'it' if ahead == '1' else 'them'}", _SHARE
        )
    elif int(behind):
        yield to_know(f"{count(int(behind), 'commit')} of others not taken over from {name}{asked}", _SHARE)
    else:
        yield well(f"all is shared with {name}{asked}")


def _upstream_ref(config: Config, branch: str) -> str | None:
    """The remote-tracking branch, by the names that git gives it unless told otherwise."""
    remote, merges = config.text(f"branch.{branch}.remote"), config.text(f"branch.{branch}.merge")
    if not remote or remote == "." or not merges:
        return None
    return f"refs/remotes/{remote}/{merges.removeprefix('refs/heads/')}"


def _asked(patient: Patient, ref: str) -> str:
    """When the remote was last heard of, as far as git notes it."""
    heard = []
    for name in ("FETCH_HEAD", os.path.join("logs", *ref.split("/"))):
        try:
            heard.append(os.stat(os.path.join(patient.repository.common_dir, name)).st_mtime)
        except OSError:
            continue
    return f", as of {age(patient.now.timestamp() - max(heard))} ago" if heard else ""


def reachable(patient: Patient) -> Findings:
    """Whether the remote answers, and has the branch."""
    found = patient.repository
    remote = remote_of(found, found.branch)
    if remote is None:
        yield not_asked("there is no remote")
        return
    if not patient.online:
        yield not_asked(f"{remote.name} was not asked", "`incidentctl doctor --online` asks it")
        return
    try:
        answer = has_branch(found, remote.name, found.branch, timeout=_ONLINE_S)
    except RepositoryError as error:  # its address would run a program
        yield to_mend(error.message, error.hint)
        return
    if answer is True:
        yield well(f"{remote.name} answers, and has {found.branch}")
    elif answer is False:
        yield to_know(f"{remote.name} answers, and has no {found.branch}", _SHARE)
    elif answer.trouble is Trouble.HUNG:
        yield to_mend(
            f"{remote.name} does not answer within {_ONLINE_S:g} s",
            "look at the network, or the VPN; `git remote -v` says where it is",
        )
    else:
        yield to_mend(
            f"{remote.name} cannot be reached: {answer.said}",
            f"`git remote -v` shows its address; `git ls-remote {shlex.quote(remote.name)}` asks for what it needs",
        )


def branches_left(patient: Patient) -> Findings:
    """A branch on which a post-mortem was written has done its work once it is merged."""
    found = patient.repository
    if found.tip().commit is None:
        return
    arguments = ("--format=%(refname:short)", f"--merged={found.tip().commit}", f"refs/heads/{POSTMORTEM_BRANCHES}")
    answer = found.git.run("for-each-ref", *arguments)
    here = {found.head_here, found.head_branch}
    names = [name for name in answer.text.splitlines() if name not in here]
    if answer.code == 0 and names:
        yield to_know(
            f"{listed(names)}: merged, and still there",
            f"`git branch -d {shlex.join(names[:10])}`",
        )


CHECKS = (
    Check("upstream", Group.SHARING, "The record's branch is shared with a branch of the remote.", upstream),
    Check("unshared", Group.SHARING, "No commit waits to be shared or taken over, as far as this clone knows.", unshared),
    Check("remote", Group.SHARING, "The remote answers; asked with `--online` alone.", reachable),
    Check(
        "postmortem-branches", Group.SHARING, "No branch of a post-mortem is left that was merged.", branches_left
    ),
)  # fmt: skip
