"""The files that `init` writes or adds to, as text: every byte that stands there already stays. Pure."""

import json
import re

_TOP_KEY = re.compile(r"(?m)^repository[ \t]*=")
_TABLE = re.compile(r"(?m)^\[")
_ON_WORD = re.compile(r"(?m)^on:[ \t]*(?:push|\[[ \t]*push[ \t]*\])[ \t]*$")
_ON_BLOCK = re.compile(r"(?m)^on:[ \t]*$\n?(?P<body>(?:^(?:[ \t]+.*|[ \t]*#.*|[ \t]*)$\n?)*)")
_PUSH = re.compile(r"(?m)^(?P<indent>[ \t]+)push:[ \t]*(?:#.*)?$\n?(?P<body>(?:^(?P=indent)[ \t]+.*$\n?|^[ \t]*$\n?)*)")


def with_attributes(text: str, folders: tuple[str, ...]) -> str:
    """`.gitattributes` with a line for each folder, so that git merges the files in it by meaning."""
    newline = "\r\n" if "\r\n" in text else "\n"
    standing = {line.split()[0] for line in text.splitlines() if line.strip()}
    missing = [f"{folder}/**" for folder in folders if f"{folder}/**" not in standing]
    if not missing:
        return text
    start = text if not text or text.endswith("\n") else text + newline
    return start + "".join(f"{pattern} merge=incidentctl{newline}" for pattern in missing)


def with_repository(text: str, path: str) -> str:
    """A user's own settings with that repository: in the place of the one that is named, else above the first table."""
    line = f"repository = {json.dumps(path, ensure_ascii=False)}"
    found = _TOP_KEY.search(text)
    first_table = _TABLE.search(text)
    if found and (first_table is None or found.start() < first_table.start()):
        end = text.find("\n", found.start())
        end = len(text) if end < 0 else end
        return text[: found.start()] + line + text[end:]
    at = first_table.start() if first_table else len(text)
    before = text[:at]
    gap = "" if not before or before.endswith("\n") else "\n"
    return f"{before}{gap}{line}\n{text[at:]}"


def runs_on_push(text: str) -> bool:
    """Whether a GitHub workflow runs for every push, whatever the push changed."""
    if re.search(r"(?m)^\s+(?:paths|paths-ignore):", text):
        return False
    return re.search(r"(?m)^on:.*\bpush\b", text) is not None or (
        (block := _ON_BLOCK.search(text)) is not None
        and re.search(r"(?m)^[ \t]+-?[ \t]*push\b", block["body"]) is not None
    )


def with_paths_ignored(text: str, folder: str) -> str | None:
    """A GitHub workflow that a push of the record alone does not start; `None` where it is not written plainly enough."""
    if "\r" in text:
        return None
    ignored = f"paths-ignore: ['{folder}/**']"
    word = _ON_WORD.search(text)
    if word:
        return f"{text[: word.start()]}on:\n  push:\n    {ignored}{text[word.end() :]}"
    block = _ON_BLOCK.search(text)
    push = _PUSH.search(text, block.start("body"), block.end("body")) if block else None
    if push is None:
        return None
    inner = re.match(r"[ \t]+", push["body"])
    indent = inner[0] if inner and push["body"].strip() else push["indent"] * 2
    line_end = text.find("\n", push.start())
    line_end = len(text) if line_end < 0 else line_end
    return f"{text[:line_end]}\n{indent}{ignored}{text[line_end:]}"
