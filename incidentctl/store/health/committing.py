"""Checks of what a commit needs: who writes, a signature where git is told to sign, hooks that can run. Runs none of them."""

import os
import shlex
import shutil

from incidentctl.config.settings import HookRule
from incidentctl.incident.words import handle_of
from incidentctl.store.git import Config, expand_home
from incidentctl.store.health.check import Check, Finding, Findings, Group, listed, to_know, to_mend, well
from incidentctl.store.health.patient import Patient
from incidentctl.store.history import identity
from incidentctl.store.hooks import COMMIT_HOOKS, hooks_folder, present

_WHO_AM_I = '`git config --global user.name "Your Name"` and `git config --global user.email you@example.com`'
_SIGNERS = {
    "openpgp": ("gpg.program", "gpg"),
    "x509": ("gpg.x509.program", "gpgsm"),
    "ssh": ("gpg.ssh.program", "ssh-keygen"),
}


def who(patient: Patient) -> Findings:
    """git refuses to commit for nobody, and the record names who wrote."""
    speaks_as = (patient.environ.get("INCIDENTCTL_AS") or "").strip()
    if speaks_as and handle_of(speaks_as.removesuffix("(agent)").strip()) is None:
        yield to_mend(f"INCIDENTCTL_AS is no handle: {speaks_as!r}", 'write it as @ann, or "@bot (agent)"')
    known = identity(patient.repository)
    if known is None:
        yield to_mend("git does not know who you are: words are saved, and not committed", _WHO_AM_I)
        return
    person = patient.settings.person_of_mail(known.mail)
    is_listed = person in patient.settings.people
    if patient.settings.people and not is_listed:
        yield to_know(
            f"nobody in [people] has your mail: you are written as @{person.handle}",
            f'under [people] in incidentctl.toml: `"{known.mail}" = "{person.handle}"`',
        )
    else:
        agent = " (agent)" if person.agent else ""
        yield well(f"you are {known.name} <{known.mail}>, on the record @{person.handle}{agent}")


def signing(patient: Patient) -> Findings:
    """Where git signs, each commit of the record is signed, and refused where that fails."""
    config = patient.git.config
    if not config.flag("commit.gpgsign"):
        yield well("commits are not signed")
        return
    kind = (config.text("gpg.format") or "openpgp").lower()
    if kind not in _SIGNERS:
        yield to_mend(
            f"git is to sign with {kind}, which it does not know", "`git config gpg.format openpgp`, or `ssh`"
        )
        return
    key, usual = _SIGNERS[kind]
    program = config.text(key) or (config.text("gpg.program") if kind == "openpgp" else None) or usual
    if shutil.which(expand_home(program, patient.environ), path=patient.environ.get("PATH", "")) is None:
        yield to_mend(
            f"commits are to be signed, and {program} is not there: words are saved, and not committed",
            f"install it, or `git config {key} PROGRAM`, or `git config commit.gpgsign false`",
        )
        return
    yield _signing_key(patient, config, kind)


def _signing_key(patient: Patient, config: Config, kind: str) -> Finding:
    named = config.text("user.signingkey")
    if named is None:
        if kind == "ssh" and config.text("gpg.ssh.defaultkeycommand") is None:
            return to_mend(
                "commits are to be signed with ssh, and no key is named: words are saved, and not committed",
                "`git config --global user.signingKey ~/.ssh/id_ed25519.pub`",
            )
        return well(f"commits are signed with {kind}, by the key that fits your name")
    is_file = kind == "ssh" and not named.startswith(("key::", "ssh-", "ecdsa-", "sk-"))
    path = expand_home(named, patient.environ)
    if is_file and not os.path.isfile(os.path.join(patient.git.cwd, path)):
        return to_mend(f"the key that commits are signed with is not there: {path}", "correct `user.signingKey`")
    return well(f"commits are signed with {kind}, by {named}")


def hooks(patient: Patient) -> Findings:
    """A hook that hangs or refuses is in the way of each commit; one that cannot run checks nothing."""
    found, rules = patient.repository, patient.settings.commit
    folder = hooks_folder(found)
    chosen = found.git.config.text("core.hookspath")
    if chosen is not None and not os.path.isdir(folder):
        yield to_know(
            f"core.hooksPath is {chosen}, which is not there: no hook runs", "`git config --unset core.hooksPath`"
        )
    for name in (*COMMIT_HOOKS, "reference-transaction"):
        path = os.path.join(folder, name)
        if os.path.isfile(path) and not os.access(path, os.X_OK):
            yield to_know(f"the {name} hook is not executable, so git leaves it out", f"`chmod +x {shlex.quote(path)}`")
    names = present(found)
    if os.access(os.path.join(folder, "reference-transaction"), os.X_OK):
        yield to_know("a reference-transaction hook runs at each commit and can refuse it")
    if not names:
        yield well("no hook runs at a commit")
        return
    where = f", from core.hooksPath {chosen}" if chosen is not None else ""
    how = {
        HookRule.AUTO: f"runs for at most {rules.hook_timeout:g} s, when nothing else is staged or changed",
        HookRule.ALWAYS: "runs at each commit of the record, however long it takes",
        HookRule.NEVER: "does not run at commits of the record",
    }[rules.hooks]
    yield well(f"{listed(names)} {how}{where}")


CHECKS = (
    Check("identity", Group.COMMITS, "git knows who you are, and `[people]` knows your mail.", who),
    Check("signing", Group.COMMITS, "Where commits are signed: the program and the key are there.", signing),
    Check("hooks", Group.COMMITS, "The hooks that are there for the record's commits can run.", hooks),
)  # fmt: skip
