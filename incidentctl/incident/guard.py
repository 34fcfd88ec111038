"""What looks like a credential in the words of one command, taken out before anything else sees them. Never keeps one."""

from collections.abc import Iterable


class Guard:
    """Cleans the words of one command, and can say what it took out.

    Every command that writes has one: its arguments pass it before the command begins, what is read from standard input,
    a file or an editor as soon as it is read. So no credential reaches the spool, a file, a commit's message or an error.
    With `is_off` all words stay as they are.
    """

    def __init__(self, *, is_off: bool = False) -> None:
        self._is_off = is_off
        self._kinds: list[str] = []
        self._seen: list[str] = []

    def clean(self, text: str) -> str:
        """The text, with words in the place of each credential."""
        if self._is_off or not text:
            return text
        from incidentctl.incident.secrets import take_out_secrets  # 1 ms, only where something is written

        cleaned, kinds = take_out_secrets(text)
        self._kinds += kinds
        return cleaned

    def clean_words(self, words: Iterable[str]) -> list[str]:
        """The words of a text that was typed without quotes: `password:` and what follows it are two of them."""
        words = list(words)
        if self._is_off or not words:
            return words
        cleaned = [self.clean(word) for word in words]
        text = " ".join(cleaned)
        found = self.clean(text)
        if found == text:
            return cleaned
        # A credential over several words: those before and behind it stay words of their own, such as a name or a role.
        before, behind = 0, len(cleaned)
        while before < behind and found.startswith(" ".join((*cleaned[: before + 1], ""))):
            before += 1
        while behind > before and found.endswith(" ".join(("", *cleaned[behind - 1 :]))):
            behind -= 1
        start = len(" ".join((*cleaned[:before], ""))) if before else 0
        end = len(found) - len(" ".join(("", *cleaned[behind:]))) if behind < len(cleaned) else len(found)
        return [*cleaned[:before], found[start:end], *cleaned[behind:]]

    def look_over(self, text: str, before: str) -> None:
        """Looks at a file as an editor left it. What is in it stays, since it is the user's own; what is new there is said."""
        from incidentctl.incident.secrets import find_secrets

        for secret in find_secrets(text):
            if text[secret.start : secret.end] not in before:
                line = text.count("\n", 0, secret.start) + 1
                self._seen.append(
                    f"line {line} holds what looks like {secret.kind}, and is written as it stands: take it out again"
                )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was taken out, and how it is written all the same."""
        taken_out = (
            f"what looks like {kind} was taken out before it was written; --allow-secret writes it as it is"
            for kind in dict.fromkeys(self._kinds)
        )
        return (*taken_out, *self._seen)
