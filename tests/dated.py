"""A desk on which history has dates: what the figures are made of."""

from typing import Any

from tests.conftest import Desk, Result


class Dated(Desk):
    """A desk whose commits carry the date of its clock."""

    def _stamp(self) -> None:
        self.environ["GIT_AUTHOR_DATE"] = self.environ["GIT_COMMITTER_DATE"] = f"{int(self.now.timestamp())} +0000"

    def ictl(self, *words: str, **options: Any) -> Result:
        self._stamp()
        return super().ictl(*words, **options)

    def git(self, *words: str, **options: Any) -> str:
        self._stamp()
        return super().git(*words, **options)

    def commit(self, message: str = "by hand") -> str:
        """Commits all that was changed, with plain git."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", message)
        return str(self.git("rev-parse", "HEAD")).strip()

    def change(self, *changes: tuple[str, str], name: str = "", message: str = "by hand") -> str:
        """Changes words of a file, the last incident's where none is named, in an editor, and commits that with plain git."""
        name = name or self.files()[-1]
        text = self.text(name)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        self.write(name, text)
        return self.commit(message)
