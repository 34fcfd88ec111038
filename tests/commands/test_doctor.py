"""`doctor`: a repository is made ill in one way, and exactly that is named, with what mends it."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.commands.terminal import PROGRAMS
from tests.conftest import SETTINGS, Desk, new_desk, scrubbed_environ

WIRED = ("config", "merge.incidentctl.driver", "git merge-file %A %O %B")
ATTRIBUTES = "incidents/** merge=incidentctl\npostmortems/** merge=incidentctl\n"

Findings = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a user in whose repository all is well, to be copied."""
    place = tmp_path_factory.mktemp("healthy")
    made_healthy(new_desk(place))
    return place


@pytest.fixture
def healthy(model: Path, tmp_path: Path) -> Desk:
    """A repository in which all is well, with one incident."""
    shutil.copytree(model, tmp_path, dirs_exist_ok=True)
    desk = Desk(tmp_path / "incidents-repo", scrubbed_environ(tmp_path / "home"), chances=1000)
    return at_a_good_machine(desk)


def at_a_good_machine(desk: Desk) -> Desk:
    desk.now = datetime.now(UTC).replace(microsecond=0)
    desk.environ["PATH"] = f"{PROGRAMS}:{desk.environ['PATH']}"
    desk.environ["GIT_EDITOR"] = "true"
    return desk


def made_healthy(desk: Desk) -> Desk:
    at_a_good_machine(desk)
    desk.write(".gitattributes", ATTRIBUTES)
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "attributes")
    desk.git(*WIRED)
    desk.ok("open", "Checkout latency", "-s", "2")
    return desk


def findings(desk: Desk, *words: str, code: int | None = None, at: datetime | None = None, **options: Any) -> Findings:
    """What is not well, by the name of the check. `at` is what the machine's clock says, where that is not the time."""
    desk.now = at or datetime.now(UTC).replace(microsecond=0)
    result = desk.ictl("doctor", "--json", *words, **options)
    assert result.err == ""
    found: Findings = {}
    for check in result.json["checks"]:
        if check["status"] not in ("ok", "skipped"):
            found.setdefault(check["name"], []).append(check)
    has_problem = any(each["status"] == "problem" for each in result.json["checks"])
    assert result.code == (1 if has_problem else 0)
    assert code is None or result.code == code
    return found


def only(desk: Desk, name: str, *words: str, status: str = "problem", **options: Any) -> dict[str, Any]:
    """The only thing that is not well."""
    found = findings(desk, *words, **options)
    assert list(found) == [name], found
    assert len(found[name]) == 1, found
    assert found[name][0]["status"] == status, found
    return found[name][0]


def incident(desk: Desk) -> str:
    return Path(desk.files()[-1]).stem


def state(desk: Desk) -> tuple[str, str]:
    """All of a work tree and its branches, as git sees it."""
    return desk.git("status", "--porcelain=v2", "--untracked-files=all"), desk.git("for-each-ref")


# ---------------------------------------------------------------------------------------------------- what is said


def test_a_healthy_repository_gives_0_and_one_line(healthy: Desk) -> None:
    result = healthy.ok("doctor")
    assert result.err == ""
    count = len(healthy.ok("doctor", "--json").json["checks"])
    assert result.out == f"{count} checks: {count - 3} well, 3 skipped\n"


def test_verbose_shows_what_is_well_in_groups(healthy: Desk) -> None:
    lines = healthy.ok("doctor", "-v").out.splitlines()
    groups = [line for line in lines if line and not line.startswith(" ")]
    assert groups[:-1] == [
        "this machine",
        "the clone",
        "settings",
        "commits",
        "merges",
        "the record",
        "sharing",
    ]
    assert "  well     identity: you are Ann <ann@example.org>, on the record @ann" in lines
    assert "  skipped  remote: there is no remote" in lines


def test_what_is_ill_is_shown_with_the_command_that_mends_it(healthy: Desk) -> None:
    hook = healthy.write(".git/hooks/commit-msg", "#!/bin/sh\n")
    result = healthy.ok("doctor")
    assert result.out.splitlines()[:4] == [
        "commits",
        "  to know  hooks: the commit-msg hook is not executable, so git leaves it out",
        f"           → `chmod +x {hook}`",
        "",
    ]
    assert result.out.splitlines()[-1].endswith("1 to know, 3 skipped")


def test_json_fits_its_schema(healthy: Desk, tmp_path: Path) -> None:
    schema = healthy.ok("schema", "doctor").json
    healthy.write(".git/index.lock", "")
    results = [healthy.ictl("doctor", "--json"), healthy.ictl("-C", str(tmp_path / "nowhere"), "doctor", "--json")]
    for result in results:
        Draft202012Validator(schema).validate(result.json)
        assert (result.json["schema_version"], result.json["kind"]) == (1, "doctor")
        assert sum(result.json["summary"].values()) == len({each["name"] for each in result.json["checks"]})
    assert results[0].json["repository"] == str(healthy.path)
    assert results[1].json["repository"] is None


def test_looking_changes_nothing(healthy: Desk) -> None:
    healthy.write("foreign.txt", "staged")
    healthy.git("add", "foreign.txt")
    healthy.write("foreign.txt", "changed")
    healthy.write("incidents/note.txt", "untracked")
    before = state(healthy)
    healthy.ictl("doctor")
    healthy.ictl("doctor", "--fix")
    assert state(healthy) == before


# ------------------------------------------------------------------------------------------- where no repository is


def test_no_repository_is_said_and_the_machine_is_looked_at_all_the_same(healthy: Desk, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    found = only(healthy, "repository", cwd=tmp_path / "elsewhere")
    assert found["message"] == "no repository of incidents here, and none in your settings"
    assert found["hint"] == "`incidentctl init ~/incidents` makes one"


def test_a_repository_that_was_named_and_is_none_is_said(healthy: Desk, tmp_path: Path) -> None:
    assert "does not exist" in only(healthy, "repository", "-C", str(tmp_path / "nowhere"))["message"]


@pytest.mark.parametrize(
    ("name", "text", "message"), [("HEAD", "x\n", "does not take for a repository"), ("config", "[x\n", "bad config")]
)
def test_a_damaged_repository_is_said(healthy: Desk, name: str, text: str, message: str) -> None:
    healthy.write(f".git/{name}", text)
    assert message in findings(healthy, code=1)["repository"][0]["message"]


def test_a_branch_name_that_is_an_option_is_said(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", '[store]\nbranch = "--upload-pack=x"\n')
    found = findings(healthy)
    assert "incidentctl.toml" in str(found)


def test_a_folder_that_is_gone_is_no_reason_to_fail(healthy: Desk, tmp_path: Path) -> None:
    found = findings(healthy, cwd=tmp_path / "never-there")
    assert "repository" in found


def test_a_bare_repository_is_looked_at(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("clone", "--quiet", "--bare", str(healthy.path), str(tmp_path / "bare.git"))
    healthy.git(*WIRED, cwd=tmp_path / "bare.git")
    healthy.git("config", "--unset", "remote.origin.url", cwd=tmp_path / "bare.git")
    assert findings(healthy, "-C", str(tmp_path / "bare.git")) == {}


def test_a_linked_work_tree_is_looked_at(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    assert findings(healthy, cwd=tmp_path / "linked") == {}
    (tmp_path / "linked" / "incidents" / "new.md").write_text("x")
    assert findings(healthy, cwd=tmp_path / "linked") == {}, "commands read the other work tree"


def test_a_head_that_is_detached_is_no_fault(healthy: Desk) -> None:
    healthy.git("checkout", "--quiet", "--detach")
    assert findings(healthy) == {}
    assert "HEAD is detached" in healthy.ok("doctor", "-v").out


def test_a_repository_without_a_commit_is_to_know(tmp_path: Path) -> None:
    desk = new_desk(tmp_path)
    made_healthy(desk)
    (tmp_path / "new").mkdir()
    desk.git("init", "--quiet", str(tmp_path / "new"))
    (tmp_path / "new" / "incidentctl.toml").write_text("")
    found = findings(desk, cwd=tmp_path / "new")
    assert found["branch"][0]["message"] == "nothing is committed on main yet"
    assert found["branch"][0]["status"] == "warning"


# ------------------------------------------------------------------------------------------------------ this machine


def test_an_incidentctl_of_another_version_on_the_path_is_named(healthy: Desk, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    other = tmp_path / "bin" / "incidentctl"
    other.write_text("#!/bin/sh\necho incidentctl 0.0.1\n")
    other.chmod(0o755)
    healthy.environ["PATH"] = f"{tmp_path / 'bin'}:{healthy.environ['PATH']}"
    found = only(healthy, "path", status="warning")
    assert found["message"].startswith(f"{other} is version 0.0.1, and this is ")
    other.write_text("no program\n")
    assert "does not run" in only(healthy, "path", status="warning")["message"]


def test_incidentctl_missing_from_the_path_is_to_know(healthy: Desk, tmp_path: Path) -> None:
    git = Path(subprocess.run(["which", "git"], capture_output=True, text=True).stdout.strip())
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(git)
    healthy.environ["PATH"] = str(tmp_path / "bin")
    healthy.environ["GIT_EDITOR"] = "git"
    assert "not on the PATH" in only(healthy, "path", status="warning")["message"]


def test_without_git_all_else_is_still_said(healthy: Desk, tmp_path: Path) -> None:
    healthy.environ["PATH"] = str(PROGRAMS)
    found = findings(healthy, code=1)
    assert set(found) >= {"git", "repository"}
    assert "not installed" in found["repository"][0]["message"]


def test_a_git_that_is_too_old_is_to_mend(healthy: Desk, tmp_path: Path) -> None:
    git = shutil.which("git", path=healthy.environ["PATH"])
    old = healthy.write(
        "../old/git", f'#!/bin/sh\ntest "$*" = --version && {{ echo git version 2.20.1; exit; }}\nexec {git} "$@"\n'
    )
    old.chmod(0o755)
    healthy.environ["PATH"] = f"{old.parent}:{healthy.environ['PATH']}"
    found = only(healthy, "git")
    assert (found["message"], found["hint"]) == ("git 2.20.1 is too old", "install git 2.30 or newer")


def test_a_zone_that_the_machine_does_not_know_is_to_mend(healthy: Desk) -> None:
    healthy.environ["TZ"] = "Europe/Berlni"
    found = only(healthy, "time-zone")
    assert "Europe/Berlni" in found["message"]
    assert "Europe/Berlin" in found["hint"]


def test_faults_in_the_users_own_settings_are_named_with_their_place(healthy: Desk) -> None:
    path = Path(healthy.environ["XDG_CONFIG_HOME"], "incidentctl", "config.toml")
    path.parent.mkdir(parents=True)
    path.write_text("[time]\nzone = 5\n")
    assert only(healthy, "user-settings")["message"].startswith(f"{path}:2:8: ")
    path.write_text(f'repository = "{healthy.path}-gone"\n')
    assert only(healthy, "user-settings")["message"] == f"your settings name {healthy.path}-gone, which is not there"
    path.unlink()
    path.mkdir()
    assert "is not read" in only(healthy, "user-settings")["message"]


@pytest.mark.parametrize("name", ["GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"])
def test_a_variable_that_dates_every_commit_is_to_mend(healthy: Desk, name: str) -> None:
    healthy.environ[name] = "2026-01-01T00:00:00Z"
    assert only(healthy, "environment")["hint"] == f"`unset {name}`"


def test_a_variable_that_names_no_incident_is_to_mend(healthy: Desk) -> None:
    healthy.environ["INCIDENTCTL_INCIDENT"] = "nothing-such"
    assert "no such incident" in only(healthy, "environment")["message"]
    healthy.environ["INCIDENTCTL_INCIDENT"] = "checkout"
    assert findings(healthy) == {}


def test_an_editor_that_is_not_there_is_to_know(healthy: Desk) -> None:
    healthy.environ["GIT_EDITOR"] = "LANG=C /gone/emacs -nw"
    assert (
        only(healthy, "editor", status="warning")["message"] == "there is no editor to open: /gone/emacs is not there"
    )


# --------------------------------------------------------------------------------------------------------- the clone


def test_a_branch_of_the_settings_that_is_nowhere_is_to_mend(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS.replace('"main"', '"records"'))
    healthy.git("commit", "--quiet", "-am", "another branch")
    found = findings(healthy)
    assert found["branch"][0]["status"] == "problem"
    assert "records" in found["branch"][0]["message"]
    assert "main has incidents" in found["branch"][0]["hint"]


def test_a_merge_that_is_not_finished_is_to_mend(healthy: Desk) -> None:
    healthy.git("switch", "--quiet", "-c", "other")
    healthy.write("x", "other")
    healthy.git("add", "x")
    healthy.git("commit", "--quiet", "-m", "other")
    healthy.git("switch", "--quiet", "main")
    healthy.git("merge", "--quiet", "--no-commit", "--no-ff", "other")
    found = only(healthy, "operation")
    assert "a merge is in progress" in found["message"]
    assert f"`git -C {healthy.path} merge --abort`" in found["hint"]


def test_a_rebase_in_another_work_tree_is_to_know(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    healthy.git("rebase", "--exec", "false", "--root", ok=False, cwd=tmp_path / "linked")
    found = only(healthy, "operation", status="warning")
    assert "a rebase is in progress" in found["message"]
    assert str(tmp_path / "linked") in found["hint"]


def test_a_shallow_clone_is_to_know(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("clone", "--quiet", "--depth", "1", f"file://{healthy.path}", str(tmp_path / "shallow"))
    healthy.git(*WIRED, cwd=tmp_path / "shallow")
    found = only(healthy, "depth", cwd=tmp_path / "shallow", status="warning")
    assert found["hint"].startswith("`git fetch --unshallow`")
    healthy.git("fetch", "--quiet", "--unshallow", cwd=tmp_path / "shallow")
    assert findings(healthy, cwd=tmp_path / "shallow") == {}


def test_a_partial_clone_is_to_know_and_the_hint_mends_it(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    healthy.git("clone", "--quiet", "--filter=blob:none", f"file://{healthy.path}", str(place))
    healthy.git(*WIRED, cwd=place)
    found = only(healthy, "depth", cwd=place, status="warning")
    for command in found["hint"].split("`")[1::2]:
        healthy.git(*command.split()[1:], cwd=place)
    assert findings(healthy, cwd=place) == {}
    assert "?" not in healthy.git("rev-list", "--objects", "--all", "--missing=print", cwd=place)


@pytest.mark.parametrize(
    "name",
    [
        "index.lock",
        "HEAD.lock",
        "packed-refs.lock",
        "config.lock",
        "refs/heads/main.lock",
        "refs/remotes/origin/x.lock",
    ],
)
def test_a_lock_of_somebody_else_is_named_and_left_alone(healthy: Desk, name: str) -> None:
    lock = healthy.write(f".git/{name}", "")
    now = datetime.now(UTC).replace(microsecond=0)
    os.utime(lock, (now.timestamp() - 7300, now.timestamp() - 7300))
    found = only(healthy, "git-locks", at=now)
    assert found["message"] == f"{lock} is there for 2h 1m"
    assert f"`rm {lock}`" in found["hint"]
    found = only(healthy, "git-locks", "--fix")
    assert found["hint"] == f"if no git is running any more: `rm {lock}`"
    assert lock.exists()


def test_a_lock_in_a_linked_work_tree_is_found(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    lock = healthy.write(".git/worktrees/linked/index.lock", "")
    os.utime(lock, (1, 1))
    assert str(lock) in only(healthy, "git-locks")["message"]


def test_a_lock_of_this_moment_is_only_to_know(healthy: Desk) -> None:
    lock = healthy.write(".git/index.lock", "")
    now = datetime.now(UTC).replace(microsecond=0)
    os.utime(lock, (now.timestamp(), now.timestamp()))
    assert "a git may be at work" in only(healthy, "git-locks", status="warning", at=now)["message"]


def test_a_lock_that_a_killed_incidentctl_left_is_removed_by_fix_alone(healthy: Desk) -> None:
    own = healthy.path / ".git" / "incidentctl"
    copy = healthy.write(".git/incidentctl/tmp/1-abcd.index", "left")
    lock = healthy.path / ".git" / "index.lock"
    os.link(copy, lock)
    os.utime(lock, (1, 1))
    assert only(healthy, "git-locks")["hint"].startswith("`incidentctl doctor --fix`")
    assert lock.exists()
    found = only(healthy, "git-locks", "--fix", status="fixed")
    assert found["message"] == f"removed {lock}, left by an incidentctl that was killed"
    assert not lock.exists()
    assert list((own / "tmp").iterdir()) == []
    assert findings(healthy) == {}


def test_a_branch_lock_that_our_journal_proves_is_removed(healthy: Desk) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    new, old = healthy.git("rev-parse", "HEAD").strip(), healthy.git("rev-parse", "HEAD~").strip()
    lock = healthy.write(".git/refs/heads/main.lock", f"{new}\n")
    os.utime(lock, (1, 1))
    journal = {"ref": "refs/heads/main", "old": old, "new": new, "child": gone.pid, "born": "1", "locks": [str(lock)]}
    healthy.write(".git/incidentctl/journal", json.dumps(journal))
    assert only(healthy, "git-locks", "--fix", status="fixed")["message"].startswith(f"removed {lock}")
    assert not lock.exists()


def test_a_stopped_incidentctl_that_holds_our_lock_is_to_mend(healthy: Desk) -> None:
    path = healthy.path / ".git" / "incidentctl" / "lock"
    script = "import fcntl, sys, time; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        path.write_text(str(holder.pid))
        os.utime(path, (1, 1))
        try:
            found = only(healthy, "own-lock", status="warning")
            assert f"process {holder.pid} holds our lock for " in found["message"]
            holder.send_signal(signal.SIGSTOP)
            os.waitpid(holder.pid, os.WUNTRACED)
            assert only(healthy, "own-lock")["hint"] == f"`fg` in its shell, or `kill {holder.pid}`"
        finally:
            holder.kill()
    assert findings(healthy) == {}


def test_a_lock_file_that_nobody_holds_is_no_fault(healthy: Desk) -> None:
    assert (healthy.path / ".git" / "incidentctl" / "lock").exists()
    assert findings(healthy) == {}


def test_while_another_one_writes_fix_waits_only_for_a_moment(healthy: Desk) -> None:
    with (healthy.path / ".git" / "incidentctl" / "lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        found = findings(healthy, "--fix", code=0)
    assert "were not mended" in found["git-locks"][0]["message"]


def test_a_file_where_our_folder_should_be_is_to_mend(healthy: Desk) -> None:
    spool = healthy.path / ".git" / "incidentctl" / "spool"
    spool.rmdir()
    spool.write_text("x")
    assert only(healthy, "own-folder")["message"] == f"{spool} is a file where our folder should be"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_we_may_not_write_is_to_mend(healthy: Desk) -> None:
    spool = healthy.path / ".git" / "incidentctl" / "spool"
    spool.chmod(0o500)
    assert "not writable" in only(healthy, "own-folder")["message"]


def test_a_cache_that_cannot_be_read_is_to_know_and_fix_removes_it(healthy: Desk) -> None:
    cache = healthy.path / ".git" / "incidentctl" / "cache"
    (cache / "stats.json").parent.mkdir(exist_ok=True)
    (cache / "stats.json").write_text('{"half')
    assert only(healthy, "cache", status="warning")["hint"] == f"`rm -r {cache / 'stats.json'}`, which is safe"
    only(healthy, "cache", "--fix", status="fixed")
    assert not (cache / "stats.json").exists()


def test_borrowed_objects_that_are_gone_are_named(healthy: Desk, tmp_path: Path) -> None:
    info = healthy.write(".git/objects/info/alternates", f"{tmp_path}/gone/objects\n")
    assert "which is not there" in findings(healthy)["borrowed-objects"][0]["message"]
    (tmp_path / "gone/objects").mkdir(parents=True)
    assert only(healthy, "borrowed-objects", status="warning")["message"].startswith("objects are borrowed from")
    info.unlink()
    assert findings(healthy) == {}


# ---------------------------------------------------------------------------------------------------------- settings


def test_faults_in_the_settings_are_named_with_their_place(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS + '\n[store2]\nx = 1\n[commit]\nhooks = "sometimes"\n')
    healthy.git("commit", "--quiet", "-am", "settings")
    found = findings(healthy)
    assert list(found) == ["settings"]
    assert [each["message"].split(" ")[0] for each in found["settings"]] == [
        "incidentctl.toml:7:1:",
        "incidentctl.toml:10:9:",
    ]


def test_a_folder_setting_that_leaves_the_repository_is_a_fault(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS.replace("[store]\n", '[store]\nfolder = "../elsewhere"\n'))
    healthy.git("commit", "--quiet", "-am", "settings")
    assert only(healthy, "settings")["message"].startswith("incidentctl.toml:2:10: ")


def test_a_folder_setting_that_names_nothing_is_to_mend(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS.replace("[store]\n", '[store]\nfolder = "ops"\n'))
    healthy.write(".gitattributes", ATTRIBUTES.replace("incidents/", "ops/incidents/").replace("post", "ops/post"))
    healthy.git("commit", "--quiet", "-am", "settings")
    found = only(healthy, "folder")
    assert found["message"] == "incidents are looked for in ops/incidents/, which is not there, and incidents/ is"


def test_settings_that_are_not_committed_are_to_know(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS + "\n[commit]\nhook_timeout = 3\n")
    assert "not committed" in only(healthy, "settings-agree", status="warning")["message"]


def test_settings_beside_that_differ_from_those_of_the_record_are_to_know(healthy: Desk) -> None:
    healthy.git("switch", "--quiet", "-c", "feature")
    healthy.write("incidentctl.toml", SETTINGS + "\n[commit]\nhook_timeout = 3\n")
    healthy.git("commit", "--quiet", "-am", "settings")
    assert "the one on main, which holds" in only(healthy, "settings-agree", status="warning")["message"]


def test_faults_in_settings_beside_are_to_know(healthy: Desk) -> None:
    healthy.git("switch", "--quiet", "-c", "feature")
    healthy.write("incidentctl.toml", SETTINGS + '\n[commit]\nhooks = "sometimes"\n')
    found = findings(healthy, code=0)
    assert found["settings"][0]["message"].startswith("incidentctl.toml:8:9: ")


# ----------------------------------------------------------------------------------------------------------- commits


def test_without_an_identity_words_are_only_saved(healthy: Desk) -> None:
    Path(healthy.environ["GIT_CONFIG_GLOBAL"]).write_text("[user]\n\tuseConfigOnly = true\n")
    found = only(healthy, "identity")
    assert found["message"] == "git does not know who you are: words are saved, and not committed"
    assert 'git config --global user.name "Your Name"' in found["hint"]


def test_a_mail_that_people_do_not_have_is_to_know(healthy: Desk) -> None:
    healthy.write("incidentctl.toml", SETTINGS + '\n[people]\n"bob@example.org" = "bob"\n')
    healthy.git("commit", "--quiet", "-am", "people")
    found = only(healthy, "identity", status="warning")
    assert found["message"] == "nobody in [people] has your mail: you are written as @ann"
    healthy.write("incidentctl.toml", SETTINGS + "\n[people]\n" + found["hint"].split("`")[1] + "\n")
    healthy.git("commit", "--quiet", "-am", "people")
    assert findings(healthy) == {}


def test_a_name_to_speak_as_that_is_no_handle_is_to_mend(healthy: Desk) -> None:
    healthy.environ["INCIDENTCTL_AS"] = "@ann and @bob"
    assert "INCIDENTCTL_AS" in only(healthy, "identity")["message"]
    healthy.environ["INCIDENTCTL_AS"] = "@bot (agent)"
    assert findings(healthy) == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gpg.program": "/nowhere/gpg"}, "/nowhere/gpg is not there"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "/nowhere/sign"}, "/nowhere/sign is not there"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "/bin/true"}, "no key is named"),
        ({"gpg.format": "ssh", "gpg.ssh.program": "/bin/true", "user.signingKey": "~/no.pub"}, "no.pub"),
        ({"gpg.format": "wax"}, "sign with wax"),
    ],
)
def test_a_signature_that_cannot_be_made_is_to_mend(healthy: Desk, settings: dict[str, str], message: str) -> None:
    healthy.git("config", "commit.gpgSign", "true")
    for name, value in settings.items():
        healthy.git("config", name, value)
    assert message in only(healthy, "signing")["message"]


def test_a_signature_that_can_be_made_is_well(healthy: Desk) -> None:
    healthy.write("../home/key.pub", "ssh-ed25519 AAAA")
    for name, value in {
        "commit.gpgSign": "true",
        "gpg.format": "ssh",
        "gpg.ssh.program": "/bin/true",
        "user.signingKey": "~/key.pub",
    }.items():
        healthy.git("config", name, value)
    assert findings(healthy) == {}


def test_hooks_that_are_missing_or_chosen_elsewhere_are_named(healthy: Desk, tmp_path: Path) -> None:
    healthy.git("config", "core.hooksPath", str(tmp_path / "nowhere"))
    assert "no hook runs" in only(healthy, "hooks", status="warning")["message"]
    healthy.write("../nowhere/pre-commit", "#!/bin/sh\n").chmod(0o755)
    assert findings(healthy) == {}
    assert "pre-commit runs for at most 2 s" in healthy.ok("doctor", "-v").out
    healthy.write("../nowhere/reference-transaction", "#!/bin/sh\n").chmod(0o755)
    assert "reference-transaction" in only(healthy, "hooks", status="warning")["message"]


# ------------------------------------------------------------------------------------------------------------ merges


def test_a_merge_driver_that_git_does_not_know_is_to_know_and_fix_tells_git(healthy: Desk) -> None:
    healthy.git("config", "--unset", "merge.incidentctl.driver")
    assert "line by line" in only(healthy, "merge-driver", status="warning")["message"]
    assert healthy.git("config", "merge.incidentctl.driver", ok=False) == ""
    only(healthy, "merge-driver", "--fix", status="fixed")
    assert "merge-driver %O" in healthy.git("config", "merge.incidentctl.driver")
    assert findings(healthy) == {}


@pytest.mark.parametrize("before", ["", "if test -x /gone/x; then /gone/x merge-driver %O; "])
def test_a_merge_driver_of_ours_that_is_gone_is_to_mend_and_fix_mends_it(healthy: Desk, before: str) -> None:
    end = "; fi" if before else ""
    healthy.git("config", "merge.incidentctl.driver", f"{before}'/gone in/incidentctl' merge-driver %O %A %B %P{end}")
    found = only(healthy, "merge-driver")
    assert "/gone in/incidentctl" in found["message"]
    only(healthy, "merge-driver", "--fix", status="fixed")
    assert findings(healthy) == {}


def test_a_merge_driver_that_falls_back_to_lines_is_to_know(healthy: Desk) -> None:
    line = "if test -x /gone; then /gone merge-driver %O %A %B %P; else git merge-file %A %O %B; fi"
    healthy.git("config", "merge.incidentctl.driver", line)
    assert (
        "/gone to merge the record, which is not there any more, and merges line by line"
        in (only(healthy, "merge-driver", status="warning")["message"])
    )


def test_a_merge_driver_of_somebodys_own_is_never_replaced(healthy: Desk) -> None:
    healthy.git("config", "merge.incidentctl.driver", "/gone/mine %O %A %B")
    assert "/gone/mine" in only(healthy, "merge-driver", "--fix")["message"]
    assert healthy.git("config", "merge.incidentctl.driver") == "/gone/mine %O %A %B\n"


def test_missing_attributes_are_to_mend_and_init_mends_them(healthy: Desk) -> None:
    healthy.git("rm", "--quiet", ".gitattributes")
    healthy.git("commit", "--quiet", "-m", "gone")
    found = findings(healthy)
    assert list(found) == ["merge-attributes"]
    assert len(found["merge-attributes"]) == 2
    assert f"`incidentctl init {healthy.path}`" in found["merge-attributes"][0]["hint"]
    healthy.ok("init", str(healthy.path))
    assert findings(healthy) == {}


@pytest.mark.parametrize(
    ("name", "line", "folder", "where"),
    [
        (".gitattributes", f"{ATTRIBUTES}*.md merge=union\n", "incidents", ".gitattributes:3"),
        ("incidents/.gitattributes", "*.md -merge\n", "incidents", "incidents/.gitattributes:1"),
        ("postmortems/2026/.gitattributes", "# ours\n* binary\n", "postmortems", "postmortems/2026/.gitattributes:2"),
    ],
)
def test_an_attribute_that_overrules_ours_is_named_with_its_line(
    healthy: Desk, name: str, line: str, folder: str, where: str
) -> None:
    healthy.write(name, line)
    healthy.git("add", ".")
    healthy.git("commit", "--quiet", "-m", "attributes")
    found = findings(healthy)
    assert list(found) == ["merge-attributes"], found
    assert any(
        each["message"].startswith(f"{where} overrules our merge driver for {folder}/")
        for each in found["merge-attributes"]
    )


def test_attributes_of_the_clone_alone_overrule_too(healthy: Desk) -> None:
    own = healthy.write(".git/info/attributes", "*.md merge=text\n")
    found = findings(healthy)
    assert len(found["merge-attributes"]) == 2
    assert found["merge-attributes"][0]["message"].startswith(f"{own}:1 overrules")


def test_attributes_on_a_branch_that_is_not_checked_out_are_looked_at(healthy: Desk) -> None:
    healthy.git("rm", "--quiet", ".gitattributes")
    healthy.git("commit", "--quiet", "-m", "gone")
    healthy.git("checkout", "--quiet", "--detach")
    assert (
        ".gitattributes on main has no line for incidents and postmortems"
        in only(healthy, "merge-attributes")["message"]
    )


def test_filters_and_encodings_are_named(healthy: Desk) -> None:
    healthy.write(".gitattributes", f"{ATTRIBUTES}*.md working-tree-encoding=UTF-16 filter=lfs\n")
    healthy.git("config", "filter.lfs.clean", "cat")
    found = findings(healthy, code=1)
    assert [each["status"] for each in found["filters"]] == ["problem", "warning"]
    assert "UTF-16" in found["filters"][0]["message"]
    assert "the filter lfs" in found["filters"][1]["message"]


# -------------------------------------------------------------------------------------------------------- the record


def test_an_unreadable_incident_is_named_with_its_line(healthy: Desk) -> None:
    path = healthy.files()[-1]
    healthy.write(path, healthy.text().replace("title: Checkout latency", "title: [Checkout"))
    healthy.git("commit", "--quiet", "-am", "broken")
    found = only(healthy, "incidents")
    assert found["message"].startswith(f"{path}:")
    assert found["hint"] == f"`ictl edit {incident(healthy)}`"


def test_conflict_markers_are_named_with_their_line(healthy: Desk) -> None:
    path = healthy.files()[-1]
    text = healthy.text() + "<<<<<<< ours\n=======\n>>>>>>> theirs\n"
    healthy.write(path, text)
    healthy.git("commit", "--quiet", "-am", "broken")
    line = text[: text.index("<<<<<<<")].count("\n") + 1
    assert f"{path}:{line}: the file holds conflict markers" in only(healthy, "incidents")["message"]


def test_an_unreadable_postmortem_is_named_with_its_line(healthy: Desk) -> None:
    name = incident(healthy)
    path = f"postmortems/{name[:4]}/{name[5:7]}/{name}.md"
    healthy.write(path, f"---\nincident: {name}\n---\n\n# x\n")
    healthy.git("add", ".")
    healthy.git("commit", "--quiet", "-m", "post-mortem")
    assert findings(healthy) == {}
    for text, line in (
        (f"---\nincident: {name}\nauthors: [ann\n---\n", 4),
        (f"---\nincident: {name}\n---\n\n<<<<<<< ours\n", 5),
        (f"---\nincident: {name}\n---\n\n\0\n", 5),
        (f"---\nincident: {name}\n", 1),
    ):
        healthy.write(path, text)
        healthy.git("commit", "--quiet", "-am", "broken")
        found = only(healthy, "postmortems")
        assert found["message"].startswith(f"{path}:{line}: "), found
        assert found["hint"] == f"`ictl postmortem edit {name}`"
    healthy.write(path, "---\nauthors: []\nincident: 2020-01-01-other\n---\n\n# x\n")
    healthy.git("commit", "--quiet", "-am", "wrong")
    assert only(healthy, "postmortems")["message"].startswith(f"{path}:3: it says that it is about 2020-01-01-other")


def test_one_id_in_two_files_is_to_mend(healthy: Desk) -> None:
    path, name = healthy.files()[-1], incident(healthy)
    other = path.replace("checkout-latency", "payments-down")
    healthy.write(other, healthy.text())
    healthy.git("add", ".")
    healthy.git("commit", "--quiet", "-m", "copied")
    assert only(healthy, "ids")["message"] == f"2 files have the id {name}: {path}, {other}"


def test_an_id_that_is_not_the_name_is_to_mend(healthy: Desk) -> None:
    path, name = healthy.files()[-1], incident(healthy)
    healthy.write(path, healthy.text().replace(f"id: {name}", "id: 2020-01-01-other"))
    healthy.git("commit", "--quiet", "-am", "renamed")
    found = only(healthy, "ids")
    assert found["message"] == f"{path}:2: its id is 2020-01-01-other, and its name is not"
    assert found["hint"] == f"write `id: {name}` there"


def test_a_file_in_the_wrong_folder_is_to_mend_and_the_hint_moves_it(healthy: Desk) -> None:
    path = healthy.files()[-1]
    (healthy.path / "incidents" / "1999" / "01").mkdir(parents=True)
    wrong = f"incidents/1999/01/{Path(path).name}"
    healthy.git("mv", path, wrong)
    healthy.git("commit", "--quiet", "-m", "moved")
    found = only(healthy, "places")
    assert found["message"] == f"{wrong} is not in the folder of its date"
    subprocess.run(found["hint"].strip("`"), shell=True, cwd=healthy.path, env=healthy.environ, check=True)
    healthy.git("commit", "--quiet", "-m", "moved back")
    assert findings(healthy) == {}


def test_a_second_file_of_the_same_name_is_to_mend(healthy: Desk) -> None:
    path = healthy.files()[-1]
    wrong = f"incidents/1999/01/{Path(path).name}"
    healthy.write(wrong, healthy.text())
    healthy.git("add", ".")
    healthy.git("commit", "--quiet", "-m", "copied")
    found = findings(healthy)
    assert set(found) == {"places", "ids"}
    assert found["places"][0]["message"] == f"{wrong} and {path} are the same incident: only the second one is read"


def test_links_are_to_mend(healthy: Desk, tmp_path: Path) -> None:
    (healthy.path / "incidents" / "archive").symlink_to(tmp_path)
    (healthy.path / "incidents" / "2026-01-01-other.md").symlink_to(tmp_path / "x.md")
    healthy.git("add", ".")
    healthy.git("commit", "--quiet", "-m", "link")
    found = findings(healthy)
    assert list(found) == ["links"]
    assert [each["message"] for each in found["links"]] == [
        "incidents/2026-01-01-other.md is a symbolic link: it is not read",
        "incidents/archive is a symbolic link: it is not read",
    ]


def test_a_record_behind_a_link_is_to_mend(healthy: Desk, tmp_path: Path) -> None:
    (healthy.path / "incidents").rename(tmp_path / "moved")
    (healthy.path / "incidents").symlink_to(tmp_path / "moved")
    healthy.git("add", "-A")
    healthy.git("commit", "--quiet", "-m", "link")
    assert "incidents is a symbolic link: it is not read" in [each["message"] for each in findings(healthy)["links"]]


def test_what_is_not_committed_is_to_know_and_fix_leaves_it_alone(healthy: Desk) -> None:
    path = healthy.files()[-1]
    healthy.write(path, healthy.text() + "\nby hand\n")
    new = path.replace("checkout-latency", "payments-down")
    healthy.write(new, healthy.text(path).replace("checkout-latency", "payments-down"))
    healthy.write("foreign.txt", "mine")
    before = state(healthy)
    found = findings(healthy, "--fix", code=0)
    assert state(healthy) == before
    assert [(each["message"]) for each in found["uncommitted"]] == [
        f"{new}: new, and not committed",
        f"{path}: changed, and not committed",
    ]
    for each in found["uncommitted"]:
        subprocess.run(
            each["hint"].strip("`"), shell=True, cwd=healthy.path, env=healthy.environ, check=True, capture_output=True
        )
    assert findings(healthy) == {}
    assert healthy.git("status", "--porcelain") == "?? foreign.txt\n"


def test_a_file_that_is_gone_from_the_work_tree_is_to_know(healthy: Desk) -> None:
    path = healthy.files()[-1]
    (healthy.path / path).unlink()
    found = only(healthy, "uncommitted", status="warning")
    assert found["message"] == f"{path}: gone from the work tree, and still on the record"
    healthy.git(*found["hint"].split("`")[1].split()[1:])
    assert findings(healthy) == {}


def test_incidents_changed_where_the_record_is_not_checked_out_are_to_know(healthy: Desk) -> None:
    healthy.git("switch", "--quiet", "-c", "feature")
    path = healthy.files()[-1]
    healthy.write(path, healthy.text() + "\nby hand\n")
    assert "where main is not checked out: not read" in only(healthy, "uncommitted", status="warning")["message"]


def test_a_record_that_is_ignored_is_to_know(healthy: Desk) -> None:
    healthy.write(".gitignore", "# build\n*.md\n!postmortems/**\n")
    found = only(healthy, "ignored", status="warning")
    assert found["message"].startswith(".gitignore:2: '*.md' ignores incidents/2026/01/")
    healthy.write(".gitignore", f"*.md\n!postmortems/**\n{found['hint'].split('`')[1]}\n")
    assert findings(healthy) == {}


def test_a_record_that_is_left_out_of_the_work_tree_is_to_mend_and_the_hint_mends_it(healthy: Desk) -> None:
    healthy.git("status")  # so that git knows the file again, which was copied
    healthy.git("sparse-checkout", "set", "elsewhere")
    found = findings(healthy)
    assert list(found) == ["sparse"]
    healthy.git(*found["sparse"][0]["hint"].strip("`").split()[1:])
    assert findings(healthy) == {}


def saved(desk: Desk) -> None:
    """Words that could only be saved."""
    lock = desk.write(".git/HEAD.lock", "")
    assert desk.ictl("note", "pool exhausted").code == 7
    lock.unlink()


def test_words_in_the_spool_are_to_mend_and_fix_commits_them(healthy: Desk) -> None:
    saved(healthy)
    healthy.write("foreign.txt", "staged")
    healthy.git("add", "foreign.txt")
    found = findings(healthy)
    assert found["spool"][0]["message"].startswith("1 command has words that are saved and not committed: note ")
    assert findings(healthy)["spool"] == found["spool"], "looking takes nothing in"
    found = findings(healthy, "--fix", code=0)
    assert found["spool"][0]["message"] == "committed what was saved before: 1 command"
    assert healthy.touched() == [healthy.files()[-1]]
    assert healthy.git("status", "--porcelain") == "A  foreign.txt\n"
    assert findings(healthy) == {}


def test_words_that_cannot_be_committed_still_stay_named(healthy: Desk) -> None:
    saved(healthy)
    lock = healthy.write(".git/HEAD.lock", "")
    os.utime(lock, (1, 1))
    result = healthy.ictl("doctor", "--fix", "--json")
    assert result.code == 1
    spool = [each for each in result.json["checks"] if each["name"] == "spool"]
    assert [each["status"] for each in spool] == ["problem"]
    assert lock.exists()


def test_messages_of_monitoring_that_nobody_understood_are_to_know(healthy: Desk) -> None:
    healthy.ictl("open", "--from", "-", stdin="nope")
    healthy.wait(1)
    healthy.ictl("open", "--from", "-", stdin="neither")
    finding = only(healthy, "alerts", status="warning")
    assert finding["message"].startswith("2 messages of monitoring could not be understood; the last one is ")
    path = Path(finding["message"].rpartition(" is ")[2])
    assert path.read_text() == "neither"
    assert finding["hint"] == f"`ictl open --from {path} --dry-run` says why; remove what is done with"
    assert healthy.ictl("open", "--from", str(path), "--dry-run").code == 2


def test_a_broken_item_of_the_spool_is_named(healthy: Desk) -> None:
    path = healthy.write(".git/incidentctl/spool/00000000000000000001-1-abcd.json.broken", "{half")
    assert only(healthy, "spool")["message"] == f"{path} holds words that no command can read"
    only(healthy, "spool", "--fix")
    assert path.exists()


def test_a_draft_is_named_with_the_command_that_opens_it(healthy: Desk) -> None:
    name = incident(healthy)
    healthy.editor('echo half a word >> "$1"; exit 1')
    healthy.ictl("edit", name, typed="")
    assert healthy.drafts() == [f"{name}.base", f"{name}.md"]
    found = only(healthy, "drafts", status="warning")
    assert found["hint"] == f"`ictl edit {name}` opens it again"
    healthy.write(f".git/incidentctl/drafts/{name}.postmortem.md", "x")
    hints = [each["hint"] for each in findings(healthy)["drafts"]]
    assert hints == [f"`ictl edit {name}` opens it again", f"`ictl postmortem edit {name}` opens it again"]


def test_a_commit_from_the_future_is_to_mend(healthy: Desk) -> None:
    committed_at = datetime.fromtimestamp(int(healthy.git("log", "-1", "--format=%ct")), UTC)
    found = findings(healthy, at=committed_at - timedelta(hours=3))
    assert list(found) == ["clock"]
    assert found["clock"][0]["message"].startswith("the last commit on main was made 3h 0m from now: a clock is off")
    assert "has an entry at" in found["clock"][1]["message"]
    assert findings(healthy, at=committed_at - timedelta(seconds=90)) == {}


def commit_at(desk: Desk, at: datetime) -> None:
    """A commit by a clock of its own."""
    desk.environ["GIT_COMMITTER_DATE"] = at.isoformat()
    desk.git("commit", "--quiet", "--allow-empty", "-m", "x")
    del desk.environ["GIT_COMMITTER_DATE"]


def test_a_commit_of_the_remote_from_the_future_is_to_mend(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    commit_at(healthy, datetime.now(UTC) + timedelta(days=1))
    healthy.git("push", "--quiet")
    healthy.git("reset", "--quiet", "--hard", "HEAD~")
    found = findings(healthy)
    assert "the last commit on origin/main was made" in found["clock"][0]["message"]


def test_a_clock_that_jumped_is_to_know(healthy: Desk) -> None:
    commit_at(healthy, datetime.now(UTC) - timedelta(hours=5))
    found = only(healthy, "clock", status="warning")
    assert "before its parent" in found["message"]


# ----------------------------------------------------------------------------------------------------------- sharing


def shared(desk: Desk, tmp_path: Path) -> Path:
    """A bare remote with all of it."""
    desk.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    desk.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    desk.git("push", "--quiet", "-u", "origin", "main")
    return tmp_path / "remote.git"


def test_a_branch_without_an_upstream_is_to_know(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    assert findings(healthy) == {}
    healthy.git("branch", "--unset-upstream")
    found = only(healthy, "upstream", status="warning")
    healthy.git(*found["hint"].strip("`").split()[1:])
    assert findings(healthy) == {}


def test_commits_that_others_do_not_have_are_counted(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    healthy.git("commit", "--quiet", "--allow-empty", "-m", "one")
    healthy.git("commit", "--quiet", "--allow-empty", "-m", "two")
    assert (
        only(healthy, "unshared", status="warning")["message"] == "2 commits not shared: origin/main does not have them"
    )
    healthy.git("push", "--quiet")
    healthy.git("reset", "--quiet", "--hard", "HEAD~")
    assert "1 commit of others not taken over" in only(healthy, "unshared", status="warning")["message"]
    healthy.git("commit", "--quiet", "--allow-empty", "-m", "three")
    assert "went apart" in only(healthy, "unshared", status="warning")["message"]


def test_the_remote_is_asked_only_when_told_to(healthy: Desk, tmp_path: Path) -> None:
    remote = shared(healthy, tmp_path)
    assert findings(healthy, "--online") == {}
    assert "origin answers, and has main" in healthy.ok("doctor", "-v", "--online").out
    remote.rename(tmp_path / "gone.git")
    assert findings(healthy) == {}
    assert "origin cannot be reached" in only(healthy, "remote", "--online")["message"]


def test_a_remote_that_wants_a_password_does_not_ask_for_one(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    helper = healthy.write("../ssh", f'#!/bin/sh\necho "$@" > {tmp_path}/asked\nexit 255\n')
    helper.chmod(0o755)
    healthy.environ["PATH"] = f"{tmp_path}:{healthy.environ['PATH']}"
    healthy.git("remote", "set-url", "origin", "ssh://git@host.invalid/x.git")
    only(healthy, "remote", "--online")
    assert "BatchMode=yes" in (tmp_path / "asked").read_text()


@pytest.mark.parametrize("address", ["http://ann:hunter2@127.0.0.1:9/x.git", "bad::http://ann:hunter2@127.0.0.1/x.git"])
def test_a_password_in_the_address_is_not_shown(healthy: Desk, tmp_path: Path, address: str) -> None:
    shared(healthy, tmp_path)
    helper = healthy.write("../bin/git-remote-bad", '#!/bin/sh\necho "fatal: no answer from $2" >&2\nexit 1\n')
    helper.chmod(0o755)
    healthy.environ["PATH"] = f"{helper.parent}:{healthy.environ['PATH']}"
    healthy.git("remote", "set-url", "origin", address)
    result = healthy.ictl("doctor", "-v", "--online")
    assert "hunter2" not in result.out + result.err
    assert "origin cannot be reached" in result.out


def test_an_address_that_would_run_a_program_is_not_used(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    healthy.git("config", "--global", "protocol.ext.allow", "always")
    healthy.git("remote", "set-url", "origin", f"ext::sh -c 'touch {tmp_path}/ran'")
    found = only(healthy, "remote", "--online")
    assert "would make git run a program" in found["message"] and "git remote set-url origin" in found["hint"]
    assert not (tmp_path / "ran").exists()


def test_merged_branches_of_postmortems_are_to_know(healthy: Desk) -> None:
    healthy.git("branch", "postmortem/2026-05-14-checkout-latency")
    found = only(healthy, "postmortem-branches", status="warning")
    healthy.git(*found["hint"].strip("`").split()[1:])
    assert findings(healthy) == {}


# ---------------------------------------------------------------------------------------------------------- hostile


def test_a_name_with_escape_sequences_is_shown_harmless(healthy: Desk) -> None:
    (healthy.path / "incidents" / "\x1b[31mred.md").write_text("x")
    result = healthy.ictl("doctor")
    assert result.code == 1
    assert "\x1b" not in result.out
    assert "red.md" in result.out


def damage(desk: Desk, name: str) -> Path:
    """Leaves an object empty, as a power cut does."""
    oid = desk.git("rev-parse", name).strip()
    path = desk.path / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize("name", ["HEAD", "HEAD^{tree}"])
def test_a_damaged_commit_is_to_mend(healthy: Desk, name: str) -> None:
    damage(healthy, name)
    found = findings(healthy, code=1)
    assert found["branch"][0]["message"].startswith("the last commit on main ")
    assert found["loose-objects"][0]["message"].startswith("1 object is empty")


def test_a_damaged_commit_is_told_from_a_branch_that_is_only_at_the_remote(healthy: Desk, tmp_path: Path) -> None:
    shared(healthy, tmp_path)
    damage(healthy, "HEAD").unlink()
    assert "is not there, or is damaged" in findings(healthy, code=1)["branch"][0]["message"]


def test_an_index_that_cannot_be_read_is_to_mend_and_the_hint_mends_it(healthy: Desk) -> None:
    healthy.write(".git/index", "garbage")
    found = findings(healthy, code=1)
    assert found["index"][0]["status"] == "problem"
    assert all("could not be checked" in each["message"] for name in set(found) - {"index"} for each in found[name])
    command = found["index"][0]["hint"].split("`")[1]
    subprocess.run(command, shell=True, cwd=healthy.path, env=healthy.environ, check=True)
    assert findings(healthy) == {}


def test_an_index_that_is_behind_is_to_know_and_fix_brings_it_in_line(healthy: Desk) -> None:
    lock = healthy.write(".git/index.lock", "")
    healthy.ictl("note", "pool exhausted")
    lock.unlink()
    assert (healthy.path / ".git" / "incidentctl" / "index-behind").exists()
    assert "index" in findings(healthy)
    found = findings(healthy, "--fix")
    assert found["git-locks"][0]["message"] == "git's index shows the last commits of the record again"
    assert findings(healthy) == {}
