"""Runs git, the one program that the store rests on: arguments in, answer out. Never through a shell, never with a prompt."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from typing import IO, Final

from msgspec import Struct

from incidentctl.errors import RepositoryError

# What `git rev-parse --local-env-vars` lists: inside a hook or an alias they point at the repository of the git that called us, and at its
# half-made index. As git does for submodules, we keep the two that carry configuration (`git -c`, `GIT_CONFIG_COUNT` of containers).
_REPOSITORY_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        # Not local to a repository, but they change what a path or a log entry means.
        "GIT_GLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_REFLOG_ACTION",
    }
)

_CREDENTIALS: Final = re.compile(r"//[^/@\s]+@")

# git's own default does not flush loose objects: after a power cut the branch can name a commit that is an empty file.
_DURABLE = ("-c", "core.fsync=committed,reference")


class Answer(Struct, frozen=True):
    """How a git process ended and what it said."""

    code: int
    out: bytes
    err: bytes
    timed_out: bool = False

    @property
    def text(self) -> str:
        """Standard output without the final line break."""
        return os.fsdecode(self.out).rstrip("\n")


class GitError(RepositoryError):
    """git refused. Where it is not understood and turned into something better, git's own words are the message."""

    def __init__(self, arguments: Sequence[str], answer: Answer) -> None:
        self.arguments = tuple(arguments)
        self.answer = answer
        verb = next((word for word in arguments if not word.startswith("-") and "=" not in word), "")
        super().__init__(
            f"git {verb} failed: {reason(answer.err) or f'exit code {answer.code}'}", hint=_way_out(answer.err)
        )


_TRIES: Final = 5


def was_swept(err: bytes) -> bool:
    """Whether an empty folder of objects was cleared away by a `git gc` between git's making it and its use: the next try succeeds."""
    return b"unable to create temporary file: No such file or directory" in err


def reason(err: bytes) -> str:
    """The line of git's standard error that says why: the first `fatal:`, else the first `error:`, else the last line."""
    lines = printable(err).splitlines()
    for prefix in ("fatal: ", "error: "):
        for line in lines:
            if line.startswith(prefix):
                return line.removeprefix(prefix)
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def tail(output: bytes, *, lines: int = 5, width: int = 200) -> str:
    """The last lines of what a program printed, bounded, without control characters; for messages."""
    kept = [line.rstrip() for line in printable(output[-8192:]).splitlines() if line.strip()]
    return "\n".join(line[:width] for line in kept[-lines:])


def printable(output: bytes) -> str:
    """Text of a program, without control characters other than line breaks and tabs, and without the passwords of addresses.

    What a hook or a remote prints never steers the terminal, and an error is what people paste into a chat.
    """
    text = output.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return _CREDENTIALS.sub("//", "".join(c for c in text if c in "\n\t" or (c.isprintable())))


def _way_out(err: bytes) -> str | None:
    """git's own advice for a folder that belongs to somebody else; it names the command to type."""
    if b"dubious ownership" not in err:
        return None
    return next((line.strip() for line in printable(err).splitlines() if "safe.directory" in line), None)


def expand_home(path: str, environ: Mapping[str, str]) -> str:
    """`~/x` by the HOME of the environment that was handed in, as git reads it."""
    home = environ.get("HOME")
    return os.path.join(home, path[2:]) if path.startswith("~/") and home else os.path.expanduser(path)


class Config:
    """What `git var -l` says: git's settings and the names that a commit would carry, in one process."""

    __slots__ = ("_values",)

    def __init__(self, listing: bytes) -> None:
        self._values: dict[str, str] = {}
        for line in listing.decode("utf-8", "surrogateescape").splitlines():
            name, equals, value = line.partition("=")
            # A key without a value is git's way to write true.
            self._values[name] = value if equals else "true"

    def text(self, name: str) -> str | None:
        """The value as written. `name` as git prints it: section and key in lower case."""
        return self._values.get(name)

    def flag(self, name: str) -> bool:
        """git's reading of a boolean; what is not set is false."""
        return self._values.get(name, "false").lower() not in ("false", "no", "off", "0", "")

    def names(self) -> tuple[str, ...]:
        """Every key that is set."""
        return tuple(self._values)


class Git:
    """git in one folder. `prefix` are options that go before the verb, such as `--git-dir=…`."""

    __slots__ = ("_config", "_environment", "cwd", "prefix")

    def __init__(self, cwd: str, *, environ: Mapping[str, str], prefix: Sequence[str] = ()) -> None:
        self.cwd = cwd
        self.prefix = tuple(prefix)
        self._environment = {name: value for name, value in environ.items() if name not in _REPOSITORY_VARIABLES}
        self._environment["GIT_TERMINAL_PROMPT"] = "0"
        self._config: Config | None = None

    @property
    def config(self) -> Config:
        """Read once, at the first question."""
        if self._config is None:
            self._config = Config(self.ask("var", "-l"))
        return self._config

    @property
    def flushes(self) -> bool:
        """Whether what is committed is flushed to the disk as we see fit; who has set `core.fsync` has chosen otherwise."""
        return self.config.text("core.fsync") is None

    def forget_config(self) -> None:
        """Settings were changed: the next question reads them anew."""
        self._config = None

    def run(
        self,
        *arguments: str,
        stdin: bytes | None = None,
        env: Mapping[str, str] | None = None,
        writes: bool = False,
        own_group: bool = False,
        timeout: float | None = None,
    ) -> Answer:
        """Runs git to its end; a failure is an answer like any other.

        `writes`: may take locks, and is flushed to the disk. `own_group`: a Ctrl-C meant for us does not reach it. After `timeout` seconds
        git is asked to end, which removes its locks, and then made to; the answer's code is then negative.
        """
        for _ in range(_TRIES):
            process = self.start(
                *arguments, pipe_in=stdin is not None, pipe_err=True, env=env, writes=writes, own_group=own_group
            )
            answer = self.finish(process, stdin, timeout)
            if not (writes and answer.code > 0 and was_swept(answer.err)):
                break
        return answer

    def ask(
        self, *arguments: str, stdin: bytes | None = None, env: Mapping[str, str] | None = None, writes: bool = False
    ) -> bytes:
        """Standard output of a git that must succeed; GitError otherwise."""
        answer = self.run(*arguments, stdin=stdin, env=env, writes=writes)
        if answer.code != 0:
            raise GitError(arguments, answer)
        return answer.out

    def start(
        self,
        *arguments: str,
        pipe_in: bool = True,
        pipe_err: bool = False,
        env: Mapping[str, str] | None = None,
        writes: bool = False,
        own_group: bool = False,
    ) -> "subprocess.Popen[bytes]":
        """A git that runs beside us, with pipes to its standard input and output."""
        environment = self.environment(env, writes=writes)
        environment["LC_ALL"] = "C"
        environment.pop("LANGUAGE", None)
        durable = _DURABLE if writes and self.flushes else ()
        return self.spawn(
            ["git", *durable, *self.prefix, *arguments],
            stdin=subprocess.PIPE if pipe_in else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if pipe_err else subprocess.DEVNULL,
            environment=environment,
            process_group=0 if own_group else None,
        )

    def finish(self, process: "subprocess.Popen[bytes]", stdin: bytes | None, timeout: float | None = None) -> Answer:
        """Gives a started git its input and waits for its end; `timeout` as in `run`."""
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            err = _ended(process) + f"\nfatal: git took longer than {timeout:g} s\n".encode()
            return Answer(-abs(process.returncode or signal.SIGKILL), b"", err, timed_out=True)
        return Answer(process.returncode, out, err)

    def environment(self, env: Mapping[str, str] | None = None, *, writes: bool = True) -> dict[str, str]:
        """The environment for git and for what git starts."""
        environment = dict(self._environment)
        if not writes:
            environment["GIT_OPTIONAL_LOCKS"] = "0"
        if env:
            environment.update(env)
        return environment

    def spawn(
        self,
        command: Sequence[str],
        *,
        stdin: int | IO[bytes] | None = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = None,
        stderr: int | IO[bytes] | None = None,
        environment: Mapping[str, str],
        process_group: int | None = None,
        session: bool = False,
    ) -> "subprocess.Popen[bytes]":
        """The one place that starts a program."""
        try:
            return subprocess.Popen(
                command,
                cwd=self.cwd,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                process_group=process_group,
                start_new_session=session,
            )
        except FileNotFoundError:
            if not os.path.isdir(self.cwd):
                raise RepositoryError(f"the folder {self.cwd} is gone") from None
            raise RepositoryError(
                f"{command[0]} is not installed, or not on the PATH",
                hint="install git 2.30 or newer; it is what keeps the record",
            ) from None
        except PermissionError as error:
            raise RepositoryError(f"no permission to use {error.filename or self.cwd}") from None


def end_group(process: "subprocess.Popen[bytes]", *, grace: float) -> None:
    """Asks a program that leads a group, and all that it started, to end; after `grace` seconds makes them."""
    for number, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 2.0)):
        try:
            os.killpg(process.pid, number)
        except (ProcessLookupError, PermissionError):
            pass
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def _ended(process: "subprocess.Popen[bytes]") -> bytes:
    """Asks a git to end, which removes its locks, then makes it; with all that it started, where it has a group of its own.

    Gives what it said. What it started may hold its pipes open for as long as it likes: that is not waited for.
    """
    try:
        leads = os.getpgid(process.pid) == process.pid
    except ProcessLookupError:
        leads = False
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number) if leads else process.send_signal(number)
        except ProcessLookupError:
            pass
        try:
            process.wait(1)
        except subprocess.TimeoutExpired:
            continue
    try:
        return process.communicate(timeout=0.2)[1] or b""
    except subprocess.TimeoutExpired as late:
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        return late.stderr or b""
