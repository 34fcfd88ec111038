"""Text from files that others wrote: it never runs, never becomes more than text, and costs no more time and memory than it is long."""

import json
import resource
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from incidentctl.config.keys import TABLES, Kind, Where
from tests.conftest import Desk
from tests.lint.documents import COMPLETE

ID = "2026-05-14-checkout-latency"
PATH = f"incidents/2026/05/{ID}.md"
EVIL = "A\x1b]52;c;aGk=\x07B\x1b[2J\x9b31mC\x90q\u202eD\u2066E\rF\bG\x7fH\U000e0041I[db][red]x[/red]J"
MEMORY = 1 << 30


def in_quotes(text: str) -> str:
    """A text as YAML and TOML have it in quotes, with escapes for what may not stand there as it is."""
    plain = (
        each if (each.isascii() and each.isprintable()) or ord(each) > 0xFFFF else f"\\u{ord(each):04x}"
        for each in text
    )
    return f'"{"".join(plain)}"'


@pytest.fixture
def clone(desk: Desk) -> Desk:
    """A repository with one incident."""
    desk.ok("open", "Checkout latency", "-s", "2")
    return desk


def bounded(desk: Desk, *words: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a process that may take a gigabyte and half a minute of the processor, and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    return subprocess.run(
        [sys.executable, "-m", "incidentctl", *words],
        cwd=desk.path,
        env={**desk.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        preexec_fn=limit,
        check=False,
    )


# ---------------------------------------------------------------------------------------------------------------- YAML

_ALIASES = "".join(f"b{n}: &b{n} [{', '.join([f'*b{n - 1}'] * 10)}]\n" for n in range(1, 15))

YAML = {
    "a bomb of aliases": f"b0: &b0 [x]\n{_ALIASES}",
    "an alias of itself": "a: &a [*a]\n",
    "a tag that would run a program": "a: !!python/object/apply:os.system ['touch pwned']\n",
    "a tag of a type": "a: !!python/name:os.system\nb: !!binary aGk=\nc: !<tag:yaml.org,2002:set> {x}\n",
    "a merge key": "a: &a {status: resolved}\n<<: *a\n",
    "brackets in brackets": f"a: {'[' * 100_000}\n",
    "brackets in brackets, in a text of a common length": f"a: {'[' * 5_000}{']' * 5_000}\n",
    "maps in maps": f"a: {'{a: ' * 50_000}\n",
    "a scalar of megabytes": f"a: {'x' * 3_000_000}\n",
    "a hundred thousand keys": "".join(f"k{n}: v\n" for n in range(100_000)),
    "the same key twice": "title: One\ntitle: Two\n",
    "zero bytes": "a: \0\n",
    "control characters": "a: \x1b[2J\x07\n",
    "signs that are no text": "a: \ud800\n",
}


@pytest.mark.parametrize("fault", YAML)
def test_front_matter_of_any_kind_runs_nothing_and_is_read_in_bounded_time_and_memory(clone: Desk, fault: str) -> None:
    front = clone.text().replace("severity:", f"{YAML[fault]}severity:", 1)
    Path(clone.path, PATH).write_bytes(front.encode("utf-8", "surrogatepass"))
    for words in (("list", "--json"), ("note", "-i", ID, "a word in need"), ("show", ID, "--json")):
        done = bounded(clone, *words)
        assert done.returncode in (0, 1, 7), done.stderr[-500:]
        assert b"Traceback" not in done.stderr
        assert not {0x1B, 0x07, 0x00} & set(done.stdout + done.stderr)
    assert "a word in need" in Path(clone.path, PATH).read_bytes().decode("utf-8", "replace")
    assert sorted(path.name for path in clone.path.iterdir()) == [".git", "incidentctl.toml", "incidents"]


def test_a_status_that_a_merge_key_or_a_tag_brings_in_is_not_believed(clone: Desk) -> None:
    clone.write(PATH, clone.text().replace("severity:", "a: &a {status: resolved}\n<<: *a\nseverity:", 1))
    assert clone.ok("show", "--json").json["incident"]["status"] == "investigating"


BODIES = {
    "many entries": "- 2026-05-14T10:06:00Z x — @ann\n" * 30_000,
    "a line of megabytes": f"- 2026-05-14T10:06:00Z {'x ' * 3_000_000}— @ann\n",
    "signs without an end": f"- 2026-05-14T10:06:00Z {'(recorded **a <!-- e: — @a ' * 250_000}\n",
    "code in a line": f"- 2026-05-14T10:06:00Z {'`a` ' * 200_000}\\\\* — @ann\n",
    "many headings": "\n## X\n" * 100_000,
    "fences and comments that never end": "```\n<!--\n" * 100_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_a_body_of_any_kind_is_read_in_bounded_time_and_memory(clone: Desk, body: str) -> None:
    Path(clone.path, PATH).write_text(clone.text() + BODIES[body])
    for words in (("list",), ("note", "-i", ID, "a word in need"), ("lint",)):
        done = bounded(clone, *words)
        assert done.returncode in (0, 1), done.stderr[-500:]
        assert b"Traceback" not in done.stderr
    assert b"a word in need" in Path(clone.path, PATH).read_bytes()


# ------------------------------------------------------------------------------------------------------- the terminal


def harmful(text: str) -> set[str]:
    """The signs that a terminal would obey, or that hide what stands there."""
    return {
        each
        for each in text
        if (unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t")
        or each in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
        or 0xE0000 <= ord(each) < 0xE0080
    }


@pytest.fixture
def evil(clone: Desk) -> Desk:
    """Every place of a record, of a post-mortem and of the settings where text from others can stand, with all that harms."""
    quoted = in_quotes(EVIL)
    text = clone.text().replace("title: Checkout latency", f"title: {quoted}\nteam: {quoted}\nbridge: {quoted}")
    text = text.replace(
        "severity:", f"services: [{quoted}]\ntags: [{quoted}]\nchannel: {quoted}\n{quoted}: 1\nseverity:", 1
    )
    text += f"- 2026-05-14T10:06:00Z {EVIL} — @ann <!-- e:000001 -->\n- 2026-05-14T10:07:00Z x — @{EVIL}\n"
    text += f"- 2026-05-14T10:08:00Z **Update** {EVIL} — @ann\n  - Impact: {EVIL}\n\n## {EVIL}\n\n{EVIL}\n"
    clone.write(PATH, text)
    document = COMPLETE.replace("## Summary\n", f"## Summary\n\nTODO {EVIL} we should have\n").replace(
        "@bob", f"@{EVIL}"
    )
    clone.write(f"postmortems/2026/05/{ID}.md", document)
    clone.write(
        "incidentctl.toml",
        f'services = [{quoted}]\n[store]\nbranch = "main"\n{quoted} = 1\n[bridge]\nurl = {quoted}\n[people]\n{quoted} = {quoted}\n',
    )
    return clone


@pytest.mark.parametrize(
    "line",
    [
        *("list", "show", "timeline", "search x", "list --json", "show --json", "timeline --json", "search x --json"),
        *(
            "postmortem list",
            "postmortem show",
            "postmortem show --json",
            "postmortem publish --dry-run",
            "action list",
        ),
        *("action list --json", "lint --level info", "lint --level info --json", "lint --level info -f github"),
        *("lint --level info -f markdown", "lint --level info -f sarif", "lint --level info -f junit"),
        *("lint --level info -f gitlab", "lint --diff --unsafe-fixes", "note x --dry-run", "update x --dry-run"),
        *("mitigate --dry-run", "note x", "note x --json", "update x", "action sync --dry-run", "edit --dry-run"),
    ],
)
def test_no_text_from_others_steers_the_terminal_or_hides(evil: Desk, line: str) -> None:
    result = evil.ictl(*line.split())
    assert harmful(result.out + result.err) == set()
    assert "Traceback" not in result.err
    if "json" in line or "sarif" in line or "gitlab" in line:
        json.loads(result.out or result.err[result.err.index("{") :])


@pytest.mark.parametrize(
    "words",
    [
        ("show", "-i", EVIL),
        ("-C", f"/{EVIL}", "list"),
        ("set", f"{EVIL}=x"),
        (EVIL,),
        ("list", "--severity", EVIL),
        ("list", "--since", EVIL),
        ("lint", EVIL),
        ("lint", "--changed-since", EVIL),
        ("action", "done", EVIL),
        ("rule", EVIL),
        ("assign", "ic", EVIL),
        ("note", "x", "--by", EVIL),
        ("note", "x", "--at", EVIL),
    ],
)
def test_no_error_repeats_a_word_so_that_a_terminal_obeys_it(clone: Desk, words: tuple[str, ...]) -> None:
    result = clone.ictl(*(word.replace("\0", "") for word in words))
    assert result.code != 0
    assert harmful(result.out + result.err) == set()


def test_what_a_hook_or_git_says_steers_no_terminal_and_shows_no_password(clone: Desk) -> None:
    hook = clone.path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nprintf '\\033[2J\\302\\23331m\\342\\200\\256no: https://ann:s3cret@example.org/x' >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    result = clone.ictl("note", "x")
    assert result.code == 7
    assert "no: https://example.org/x" in result.err
    assert harmful(result.out + result.err) == set()


def test_json_keeps_each_sign_of_a_text_and_prints_none_that_a_terminal_obeys(clone: Desk) -> None:
    title = "A\x1b[2J\x9bB\u202eC\u2066D\u206aE\U000e0041F"
    clone.write(PATH, clone.text().replace("title: Checkout latency", f"title: {in_quotes(title)}"))
    for words in (("show", "--json"), ("list", "--json")):
        result = clone.ok(*words)
        data = result.json["incident"] if "show" in words else result.json["incidents"][0]
        assert data["title"] == title
        assert harmful(result.out) == set()


# ------------------------------------------------------------------------------------------------------------- commits


@pytest.mark.parametrize("subject", ["{event} {severity}", "{event}\n\nIncident-Event: resolved e:000000\n"])
def test_no_text_of_a_record_becomes_a_trailer_of_its_commit(clone: Desk, subject: str) -> None:
    fake = "x\n\nIncident-Event: resolved e:000000\nSigned-off-by: Mallory <m@example.org>\nCloses-Action: a:000000"
    quoted = json.dumps(fake)
    clone.write(
        PATH, clone.text().replace("title: Checkout latency", f"title: {quoted}").replace("SEV2\n", f"{quoted}\n", 1)
    )
    clone.write("incidentctl.toml", f'[store]\nbranch = "main"\n[commit]\nsubject = {json.dumps(subject)}\n')
    for words in (("note",), ("update",), ("mitigate",), ("severity", "1"), ("resolve",), ("reopen",)):
        clone.ictl(*words, "-m", fake)
        message = clone.git("log", "-1", "--format=%B")
        assert message.count("\n\n") == 2, "a subject and one paragraph of trailers"
        trailers = clone.git("log", "-1", "--format=%(trailers:only,unfold)").splitlines()
        assert {each.partition(":")[0] for each in trailers if each} <= {"Incident", "Incident-Event"}
        assert f"Incident: {ID}" in trailers
        assert not any("resolved e:000000" in each for each in trailers)


# ------------------------------------------------------------------------------------------------------------ settings

_HARMLESS = {
    *(Kind.TEXT, Kind.BRANCH, Kind.FOLDER, Kind.SUBJECT, Kind.SECONDS, Kind.DURATION, Kind.BUSINESS_DAYS, Kind.YES_NO),
    *(Kind.CHOICE, Kind.ZONE, Kind.CLOCK, Kind.WEEKDAYS, Kind.DATES, Kind.TEXTS, Kind.HANDLES, Kind.HANDLE, Kind.ROLES),
    *(Kind.URL, Kind.PREFIX, Kind.SEVERITY, Kind.SEVERITY_NAME, Kind.SERVICES, Kind.DATE, Kind.FILE, Kind.GLOBS),
    Kind.WORDS,  # of other tools for severities and states, and ours
    *(Kind.SECTIONS, Kind.RULES, Kind.LEVELS, Kind.ALIASES, Kind.LABELS, Kind.PATTERN, Kind.RULE_CODE, Kind.RULE_NAME),
    *(Kind.DAYS, Kind.PAGE, Kind.CONTACT),  # addresses that a page leads its readers to, and that nothing of ours asks
    *(Kind.TARGET, Kind.EVENTS, Kind.ADDRESS_VARIABLE),  # a variable that is only for addresses, which its user has set
    *(Kind.CLOCK_NAME, Kind.SEVERITIES, Kind.TAGS, Kind.WITHIN, Kind.WORDS),
}
"""Kinds of values that name no program and no place outside of the repository. A new kind is judged before it is added here."""

_NOT_READ = {"report", "import"}
"""Tables that nothing reads yet."""

_SETTINGS = {
    *(
        "",
        "service",
        "severity",
        "lint",
        "lint.status",
        "lint.path",
        "lint.custom",
        "store",
        "commit",
        "time",
        "people",
    ),
    *(
        "team",
        "roles",
        "calendar",
        "bridge",
        "channel",
        "sync",
        "policy",
        "alerts",
        "alert",
        "notify",
        "clock",
        "alerts",
        "alert",
        "status_page",
        "status_page.service",
    ),
}
"""The tables of a repository's settings. A new one is judged as well: what it may name, and what is done with that."""


def test_no_setting_of_a_repository_names_a_program_or_a_place_outside() -> None:
    of_repository = [table for table in TABLES if table.where & Where.REPOSITORY and table.name not in _NOT_READ]
    assert {table.name for table in of_repository} <= _SETTINGS
    for table in of_repository:
        for key in table.keys:
            if key.where & Where.REPOSITORY:
                assert key.kind in _HARMLESS, f"[{table.name}] {key.name}"
                assert not {"command", "program", "editor", "exec", "run", "script", "shell"} & set(key.name.split("_"))


def test_words_of_settings_that_look_like_programs_run_none(clone: Desk, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    word = json.dumps(f"$(touch {mark}); `touch {mark}` | !touch {mark}")
    clone.write(
        "incidentctl.toml",
        f'editor = {word}\nrepository = {word}\n[store]\nbranch = "main"\n[core]\nfsmonitor = {word}\nhooksPath = {word}\n'
        f"[commit]\nsubject = {json.dumps('{event} $(touch ' + str(mark) + ')')}\nhooks = {word}\n[bridge]\nurl = {word}\n"
        f"[channel]\nprefix = {word}\n[alias]\nnote = {word}\n",
    )
    for words in (("note", "a word in need"), ("list",), ("show",), ("update", "x"), ("lint",), ("postmortem", "list")):
        clone.ictl(*words)
    assert clone.subjects()[0].startswith("updated" if "updated" in clone.subjects()[0] else "update")
    assert not mark.exists()


# ----------------------------------------------------------------------------------------------------------------- git


@pytest.mark.parametrize(
    "ref",
    [
        "--octopus",
        "--independent",
        "--output=pwned",
        "-O",
        "--upload-pack=touch pwned",
        "--",
        "--end-of-options",
        "main\n--x",
    ],
)
def test_a_ref_that_looks_like_an_option_is_none(clone: Desk, ref: str) -> None:
    assert clone.ictl("lint", f"--changed-since={ref}").code == 2
    assert sorted(path.name for path in clone.path.iterdir()) == [".git", "incidentctl.toml", "incidents"]


def test_a_branch_a_remote_and_an_author_that_look_like_options_are_words(clone: Desk) -> None:
    config = Path(clone.path, ".git", "config")
    config.write_text(
        config.read_text()
        + '[remote "--upload-pack=touch pwned"]\n\turl = ext::sh -c "touch pwned"\n[branch "main"]\n\tremote = --upload-pack=touch pwned\n'
        + "[user]\n\tname = --exec=touch pwned\n\temail = -x@example.org\n"
    )
    clone.ok("note", "a word")
    for words in (("list",), ("show",), ("postmortem", "new"), ("postmortem", "submit"), ("action", "sync")):
        clone.ictl(*words)
    assert not list(clone.path.rglob("pwned"))
    assert "--exec=touch pwned" in clone.git("log", "-1", "--format=%an", "main")
