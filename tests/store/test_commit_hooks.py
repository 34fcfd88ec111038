"""Hooks: run as `git commit` runs them, in bounded time, on our change alone; whatever they do, the words stay."""

import shutil
import sys
import time
from pathlib import Path

import pytest

from incidentctl.store.commit import RefusalKind
from tests.store.conftest import OURS, committed_paths


def test_all_four_run_in_order_with_our_change_alone_staged(place):
    log = place.path.parent / "log"
    place.hook("pre-commit", f'echo "pre $(git diff --cached --name-only)" >>{log}')
    place.hook("prepare-commit-msg", f'echo "prepare $2" >>{log}; echo "Prepared: yes" >>"$1"')
    place.hook("commit-msg", f'echo "message $(head -1 "$1")" >>{log}; echo "Checked: yes" >>"$1"')
    place.hook("post-commit", f'echo "post $(git log -1 --format=%s)" >>{log}')
    result = place.note("second")
    assert result.refused is None and result.notes == ()
    assert log.read_text().splitlines() == [
        f"pre {OURS}",
        "prepare message",
        "message checkout-latency: second",
        "post checkout-latency: second",
    ]
    assert place.git(
        "log", "-1", "--format=%(trailers:key=Incident)%(trailers:key=Prepared)%(trailers:key=Checked)"
    ) == ("Incident: x\nPrepared: yes\nChecked: yes")
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_a_hook_sees_what_git_commit_would_show_it(place):
    seen = place.path.parent / "env"
    place.hook(
        "pre-commit",
        f'pwd >{seen}; git rev-parse --show-toplevel >>{seen}; git diff --quiet; echo $? >>{seen}; echo "$GIT_DIR" >>{seen}',
    )
    place.note("second")
    assert seen.read_text().splitlines() == [str(place.path), str(place.path), "0", ""]


def test_a_hook_that_refuses_leaves_the_words_in_the_file(place):
    place.hook(
        "pre-commit", "for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; printf 'no \\033[31mred\\033[0m\\n'; exit 1"
    )
    before = place.head()
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.HOOK and result.refused.in_work_tree
    assert result.refused.reason == "the pre-commit hook refused: line 6\nline 7\nline 8\nline 9\nno [31mred[0m"
    assert place.head() == before and place.read() == "first\nsecond\n"
    assert place.git("status", "--porcelain") == f" M {OURS}"
    place.check()
    place.hook("pre-commit", "exit 0")
    assert place.note("second").commit == place.head()
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond"


@pytest.mark.parametrize("name", ["prepare-commit-msg", "commit-msg"])
def test_a_hook_of_the_message_that_refuses(place, name):
    place.hook(name, "echo too long; exit 1")
    result = place.note("second")
    assert result.refused is not None and result.refused.reason == f"the {name} hook refused: too long"
    place.check()


def test_a_hook_that_empties_the_message(place):
    place.hook("commit-msg", ': >"$1"')
    result = place.note("second")
    assert result.refused is not None and "no commit message" in result.refused.reason
    place.check()


@pytest.mark.slow
def test_a_hook_that_is_too_slow_is_ended_with_all_that_it_started(place):
    mark = place.path.parent / "mark"
    place.hook("pre-commit", f"(sleep 3; touch {mark}) & sleep 30")
    start = time.monotonic()
    result = place.note("second", hook_timeout=0.3)
    assert time.monotonic() - start < 3
    assert result.commit == place.head()
    assert result.notes == ("committed without hooks: pre-commit took longer than 0.3 s",)
    time.sleep(max(0.0, 3.5 - (time.monotonic() - start)))
    assert not mark.exists()
    place.check()


def test_a_slow_hook_that_does_not_listen_and_was_in_the_middle_of_our_file(place):
    place.hook("pre-commit", f"trap '' TERM; echo half >{OURS}; sleep 30")
    result = place.note("second", hook_timeout=0.3)
    assert result.commit == place.head()
    assert place.read() == "first\nsecond\n" and place.git("status", "--porcelain") == ""
    assert any("put back" in note for note in result.notes)
    place.check()


def test_the_time_is_for_all_hooks_together_and_the_commit_stands_when_the_last_is_slow(place):
    place.hook("post-commit", "sleep 30")
    start = time.monotonic()
    result = place.note("second", hook_timeout=0.5)
    assert result.commit == place.head() and time.monotonic() - start < 3
    place.hook("commit-msg", "sleep 30")
    assert "commit-msg took longer" in place.note("third", hook_timeout=0.5).notes[0]


def test_a_hook_that_rewrites_and_stages_our_file_is_heard(place):
    place.hook("pre-commit", f"echo '<!-- formatted -->' >>{OURS}; git add {OURS}")
    result = place.note("second")
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond\n<!-- formatted -->"
    assert result.files == {OURS: b"first\nsecond\n<!-- formatted -->\n"}
    assert place.git("status", "--porcelain") == "", "the index entry is the commit's"
    assert committed_paths(place, result.commit or "") == [OURS]
    place.check()


def test_a_hook_that_rewrites_our_file_without_staging_it(place):
    place.hook("pre-commit", f"echo '<!-- formatted -->' >>{OURS}")
    place.note("second")
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond"
    assert place.git("status", "--porcelain") == f" M {OURS}"
    place.check()


def test_a_formatter_that_mends_and_refuses_once_is_asked_again(place):
    place.hook(
        "pre-commit", f"grep -q formatted {OURS} && exit 0; echo '<!-- formatted -->' >>{OURS}; echo mended; exit 1"
    )
    result = place.note("second")
    assert result.commit == place.head()
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond\n<!-- formatted -->"
    assert place.git("status", "--porcelain") == ""
    place.check()


@pytest.mark.parametrize("then", ["exit 0", f"git add {OURS}", "exit 1", f"git add {OURS}; exit 1"])
def test_a_hook_that_takes_the_words_out_never_wins(place, then):
    place.hook("pre-commit", f"git show HEAD:{OURS} >{OURS}; {then}")
    result = place.note("second")
    assert place.read() == "first\nsecond\n"
    if then == "exit 0":
        assert result.commit == place.head()
    else:
        assert result.refused is not None and result.refused.kind is RefusalKind.HOOK and result.refused.in_work_tree
    assert any("put back" in note for note in result.notes)
    place.check()


def test_what_else_a_hook_stages_is_not_committed(place):
    place.hook("pre-commit", "echo generated >index.md; git add index.md")
    result = place.note("second")
    assert committed_paths(place, result.commit or "") == [OURS]
    assert result.notes == ("the pre-commit hook also staged index.md: not part of this commit",)
    assert place.git("status", "--porcelain") == "?? index.md"
    place.check()


@pytest.mark.parametrize("what", ["staged", "changed", "removed"])
def test_with_foreign_work_hooks_do_not_run_and_that_is_said(place, what):
    place.hook("pre-commit", "exit 1")
    place.write("app.py", "foreign\n")
    if what == "staged":
        place.git("add", "app.py")
    if what == "removed":
        (place.path / "app.py").unlink()
    before = place.foreign()
    result = place.note("second")
    assert result.commit == place.head()
    assert result.notes == ("committed without hooks: other files are staged or changed",)
    assert place.foreign() == before
    place.check()


def test_files_that_git_does_not_know_are_not_foreign_work(place):
    place.write("scratch.txt", "x\n")
    place.hook("pre-commit", "exit 1")
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.HOOK


def test_never_means_never_and_not_on_a_branch_that_is_not_checked_out(place):
    place.hook("pre-commit", "exit 1")
    place.hook("reference-transaction", "exit 1")
    assert place.note("second", hooks="never").notes == ()
    (place.path / ".git/hooks/reference-transaction").unlink()
    place.git("checkout", "--quiet", "--detach")
    result = place.note("third", repository=place.open(branch="main"))
    assert result.notes == ("committed without hooks: main is not checked out",)
    place.check()


def test_always_runs_them_on_our_change_alone_also_with_foreign_work(place):
    log = place.path.parent / "log"
    place.hook("pre-commit", f"git diff --cached --name-only >{log}; sleep 0.3")
    place.write("app.py", "staged\n")
    place.git("add", "app.py")
    place.write("README.md", "changed\n")
    before = place.foreign()
    result = place.note("second", hooks="always", hook_timeout=0.1)
    assert result.commit == place.head() and result.notes == ()
    assert log.read_text().split() == [OURS]
    assert place.foreign() == before
    place.check()


def test_hooks_elsewhere_and_files_that_are_no_hooks(place):
    place.hook("pre-commit", "exit 1").chmod(0o644)
    assert place.note("second").refused is None
    (place.path.parent / "home" / "hooks").mkdir()
    other = place.path.parent / "home" / "hooks" / "pre-commit"
    other.write_text("#!/bin/sh\necho from afar\nexit 1\n")
    other.chmod(0o755)
    place.git("config", "core.hooksPath", "~/hooks")
    result = place.note("third")
    assert result.refused is not None and result.refused.reason.endswith("from afar")


def test_a_hook_in_the_first_commit_and_in_a_linked_work_tree(empty, tmp_path):
    log = tmp_path / "log"
    empty.hook("pre-commit", f"git diff --cached --name-only >>{log}")
    assert empty.note("one").commit == empty.head()
    empty.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    linked = empty.open(cwd=tmp_path / "linked", branch="other")
    assert linked.branch == "other" or linked.branch == "main"
    assert empty.note("two", repository=linked).refused is None
    assert log.read_text().split() == [OURS, OURS]


def test_a_reference_transaction_that_refuses(place):
    place.hook("reference-transaction", 'test "$1" = prepared && echo frozen >&2 && exit 1; exit 0')
    result = place.note("second")
    assert result.refused is not None and result.refused.kind is RefusalKind.HOOK
    assert "reference-transaction" in result.refused.reason
    assert place.read() == "first\nsecond\n"
    place.check()


def test_a_git_hook_that_calls_us_does_not_disturb_the_commit_that_it_is_in(place, environ):
    code = (
        "import os; from pathlib import Path; from tests.store.conftest import Place;"
        "p = Place(Path.cwd(), dict(os.environ)); r = p.note('from the hook', hooks='never'); print(r.refused, r.commit)"
    )
    place.hook("post-commit", f'{sys.executable} -c "{code}" >../said 2>&1')
    place.write("app.py", "x\n")
    place.git("commit", "--quiet", "--all", "-m", "foreign", env={"PYTHONPATH": environ["PYTHONPATH"]})
    said = (place.path.parent / "said").read_text()
    assert place.git("log", "-2", "--format=%s") == "checkout-latency: from the hook\nforeign", said
    assert place.git("status", "--porcelain") == ""
    place.check()


@pytest.mark.skipif(
    not (Path(sys.executable).with_name("pre-commit").exists() or shutil.which("pre-commit")),
    reason="pre-commit is not installed",
)
def test_the_pre_commit_framework(place):
    program = str(Path(sys.executable).with_name("pre-commit"))
    if not Path(program).exists():
        program = str(shutil.which("pre-commit"))
    script = place.write(
        "check.sh",
        '#!/bin/sh\nbad=0\nfor f in "$@"; do grep -q "  *$" "$f" && sed -i "s/ *$//" "$f" && bad=1; done\nexit $bad\n',
    )
    script.chmod(0o755)
    place.write(
        ".pre-commit-config.yaml",
        "repos:\n- repo: local\n  hooks:\n  - id: blanks\n    name: trailing blanks\n    entry: ./check.sh\n"
        "    language: system\n    files: \\.md$\n",
    )
    place.git("add", "--all")
    place.git("commit", "--quiet", "-m", "framework")
    import subprocess

    environ = {**place.environ, "PRE_COMMIT_HOME": str(place.path.parent / "pc")}
    subprocess.run([program, "install"], cwd=place.path, env=environ, check=True, capture_output=True)
    result = place.note("second", hook_timeout=20)
    assert result.refused is None and result.notes == (), result
    # It mends the file, refuses, and is content with what it finds the second time.
    result = place.note("third", path="incidents/2026/05/other.md", hook_timeout=20)
    place.write("incidents/2026/05/other.md", "third   \n")
    result = place.note("fourth", path="incidents/2026/05/other.md", hook_timeout=20)
    assert result.refused is None, result
    assert place.git("show", "HEAD:incidents/2026/05/other.md") == "third\nfourth"
    assert place.git("status", "--porcelain") == ""
    # Foreign work: `auto` keeps it away from the framework, which would take it out of the work tree for a while.
    place.write("app.py", "not staged\n")
    result = place.note("fifth", hook_timeout=20)
    assert result.notes == ("committed without hooks: other files are staged or changed",)
    result = place.note("sixth", hooks="always")
    assert result.refused is None and place.read("app.py") == "not staged\n"
    assert place.git("status", "--porcelain") == " M app.py"
    place.check()
