"""Rules of family LNK: links that lead nowhere or not for long, and what must not stand in a document. Opens no address."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.secrets import find_secrets
from incidentctl.lint.blocks import BlockKind, Piece
from incidentctl.lint.diagnostic import Finding, Severity, Span
from incidentctl.lint.facts import Facts
from incidentctl.lint.page import Page
from incidentctl.lint.rule import Applies, Asks, rule

_HAS_LINK: Final = re.compile(r"\]\(|\]:|\b(?:src|href)\b|://", re.IGNORECASE)
_INLINE: Final = re.compile(
    r"""\]\(\s{0,100}(?:<(?P<a>[^<>\n]*)>|(?P<b>[^\s()<]*(?:\([^\s()]*\)[^\s()]*)*))"""
    r"""(?:\s{1,100}(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s{0,100}\)"""
)
_DEFINITION: Final = re.compile(r"[ \t>]{0,40}\[(?!\^)[^\[\]]{1,999}\]:[ \t]{0,40}(?:<(?P<a>[^<>]*)>|(?P<b>\S+))")
_TAG: Final = re.compile(
    r"""<(?:img|a|source|video)\s[^<>]{0,1000}?\b(?:src|href)\s{0,3}=\s{0,3}(?:"(?P<a>[^"<>]*)"|'(?P<b>[^'<>]*)')""",
    re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`|\\]+", re.IGNORECASE)
_HIDING: Final = re.compile(r"\\[!-/:-@\[-`{-~]|`+|<!--")
_FILL: Final = "\ufffc"

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:(?!\\)|//|/|#|\\\\", re.IGNORECASE)
_HOLE: Final = re.compile(r"[{}<>$|]|%7[BD]|\.\.\.|…|YYYY|XXX", re.IGNORECASE)
_HOST: Final = re.compile(
    r"(?:www\.[\w-]+\.|(?:[\w-]+\.){1,6}(?:com|org|net|io|dev|app|cloud|co|eu|de|uk|us|gov|edu|info)(?![\w.-]))",
    re.IGNORECASE,
)
_PICTURE: Final = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|avif)$", re.IGNORECASE)
_PAGE_ENDINGS: Final = (".md", "/index.md", "/README.md", "/_index.md", "/readme.md")

_EPHEMERAL: Final = (
    ("a chat message", re.compile(
        r"https?://(?:[\w-]+\.)*(?:slack\.com/(?:archives|messages|client|files)|discord(?:app)?\.com/channels"
        r"|teams\.microsoft\.com/l|chat\.google\.com|mail\.google\.com|web\.telegram\.org|app\.element\.io|matrix\.to)/", re.I)),
    ("a call", re.compile(r"https?://(?:[\w-]+\.)*(?:meet\.google\.com/\w|zoom\.us/(?:j|my)/|whereby\.com/\w)", re.I)),
    ("a paste", re.compile(
        r"https?://(?:[\w-]+\.)*(?:pastebin\.com|hastebin\.com|ghostbin\.\w+|dpaste\.\w+|termbin\.com|ix\.io|0x0\.st|transfer\.sh|file\.io"
        r"|paste\.[\w-]+\.\w+)/\w", re.I)),
    ("one machine", re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?![\w.-])", re.I)),
    ("a signed address that expires", re.compile(r"[?&](?:X-Amz-Signature|X-Goog-Signature|AWSAccessKeyId|sig)=\w", re.I)),
    ("a view of the last minutes", re.compile(r"[?&](?:from|start|begin)=now|from:now-|[?&]live=(?:true|1)\b|[?&]relative=\d", re.I)),
    ("a build's log", re.compile(
        r"https?://(?:[\w-]+\.)*(?:travis-ci\.(?:org|com)/.*/(?:jobs|builds)/|circleci\.com/(?:gh|bb|pipelines)/"
        r"|github\.com/[\w.-]+/[\w.-]+/(?:actions/runs|runs)/|buildkite\.com/[^/]+/[^/]+/builds/)|/-/jobs/\d|/job/[^?#]*/console", re.I)),
)  # fmt: skip
_EPHEMERAL_NEEDLES: Final = re.compile(
    r"slack|discord|teams\.microsoft|google\.com|telegram|element\.io|matrix\.to|zoom\.us|whereby|bin\.|paste|ix\.io|0x0|transfer\.sh"
    r"|file\.io|localhost|127\.0|0\.0\.0\.0|\[::1|X-Amz|X-Goog|AWSAccess|sig=|=now|from:now|live=|relative=|travis|circleci|/runs/"
    r"|buildkite|/jobs/|/console"
)


class Link(Struct, frozen=True):
    """Where a link leads, as it is written, and the offsets of that in the text of the page."""

    target: str
    start: int
    end: int

    @property
    def path(self) -> str:
        """The target without query and anchor."""
        return self.target.split("#", 1)[0].split("?", 1)[0]


@lru_cache(maxsize=2)
def read_links(page: Page) -> tuple[Link, ...]:
    """The links of a page in order: inline ones, pictures, definitions, tags and bare addresses. Those in code are none."""
    if _HAS_LINK.search(page.text) is None:
        return ()
    found: list[Link] = []
    for block in page.blocks:
        if block.kind is BlockKind.TABLE:
            for row in block.rows:
                for cell in row.cells:
                    found.extend(_in_pieces(page, (cell,)))
        elif block.kind is BlockKind.HTML:
            found.extend(_in_pieces(page, tuple(Piece(n, 0, page.lines[n]) for n in range(block.start, block.end))))
        elif block.pieces:
            found.extend(_in_pieces(page, block.pieces))
    if "]:" in page.text:
        found.extend(_definitions(page))
    return tuple(sorted(found, key=lambda link: link.start))


def _in_pieces(page: Page, pieces: tuple[Piece, ...]) -> Iterator[Link]:
    text = pieces[0].text if len(pieces) == 1 else "\n".join(piece.text for piece in pieces)
    has_inline, has_tag, has_address = "](" in text, "<" in text and "=" in text, "://" in text
    if not (has_inline or has_tag or has_address):
        return
    begins = [0]
    for piece in pieces:
        begins.append(begins[-1] + len(piece.text) + 1)
    shown = _without_code(text)

    def link(start: int, end: int) -> Link:
        at = bisect_right(begins, start) - 1
        offset = page.offset(pieces[at].line, pieces[at].column) + start - begins[at]
        return Link(text[start:end], offset, offset + end - start)

    ends: set[int] = set()
    patterns = [pattern for pattern, is_there in ((_INLINE, has_inline), (_TAG, has_tag)) if is_there]
    for pattern in patterns:
        for match in pattern.finditer(shown):
            group = "a" if match["a"] is not None else "b"
            ends.add(match.start(group))
            yield link(match.start(group), match.end(group))
    if has_address:
        for match in _ADDRESS.finditer(shown):
            if match.start() not in ends:
                end = match.start() + len(match[0].split(_FILL, 1)[0].split("](", 1)[0].rstrip(").,;:!?*_]"))
                yield link(match.start(), end)


def _definitions(page: Page) -> Iterator[Link]:
    """`[name]: target`, which the parser takes out of the blocks: such lines stand in none of them."""
    inside: set[int] = set()
    for block in page.blocks:
        inside.update(range(block.start, block.end))
    for number in range(page.first_body_line, len(page.lines)):
        line = page.lines[number]
        if "]:" not in line or number in inside:
            continue
        match = _DEFINITION.match(line)
        if match:
            group = "a" if match["a"] is not None else "b"
            start = page.offset(number, match.start(group))
            yield Link(match[group], start, start + len(match[group]))


def _without_code(text: str) -> str:
    """The text with code, comments and escaped signs filled up; as long as it was. Every run of backticks is looked at once."""
    if "`" not in text and "\\" not in text and "<!--" not in text:
        return text
    closings: dict[int, list[int]] = {}
    for run in re.finditer("`+", text):
        closings.setdefault(len(run[0]), []).append(run.start())
    parts: list[str] = []
    done = at = 0
    while (match := _HIDING.search(text, at)) is not None:
        start, end = match.span()
        at = end
        if match[0][0] == "`":
            places = closings.get(end - start, [])
            index = bisect_right(places, start)
            if index >= len(places):
                continue
            end = places[index] + end - start
        elif match[0] == "<!--":
            close = text.find("-->", end)
            end = close + 3 if close >= 0 else len(text)
        parts += (text[done:start], _FILL * (end - start))
        done = at = end
    return "".join((*parts, text[done:]))


# ------------------------------------------------------------------------------------------------------ relative links


def _relative(page: Page) -> Iterator[tuple[Link, str]]:
    """The links to files beside this one, each with its decoded path; what a template leaves open is none."""
    for link in read_links(page):
        raw = link.target.strip()
        if not raw or _SCHEME.match(raw) or _HOLE.search(raw) or "@" in raw or len(raw) > 1000:
            continue
        path = unquote(re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", link.path.strip()))
        if path and "\0" not in path:
            yield link, path


def _leads_to_file(path: str, link: Link, facts: Facts) -> bool:
    """Whether a link leads to a file, as Markdown has it or as the generators of sites do: without ending, as HTML, or a folder up."""
    exists = facts.exists
    if exists is None:
        return True
    plain = path.replace("\\", "/")
    for each in dict.fromkeys((plain, link.path, plain.removeprefix("../"))):
        if exists(each):
            return True
        stem = each.rstrip("/")
        name = stem.rsplit("/", 1)[-1]
        for ending in (".html", ".htm"):
            stem = stem.removesuffix(ending)
        is_page = "." not in name.strip(".") or name.endswith((".html", ".htm")) or each.endswith("/")
        if stem and is_page and any(exists(stem + ending) for ending in _PAGE_ENDINGS):
            return True
    return False


def _id_in(path: str) -> str | None:
    """The incident's id that a file's name is."""
    name = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1].removesuffix(".md")
    return name if is_incident_id(name) else None


def _is_unknown_id(word: str | None, facts: Facts) -> bool:
    return word is not None and bool(facts.incident_ids) and word not in (facts.incident_ids or ())


@rule("LNK001", "broken-relative", Severity.ERROR, asks=Asks.FILES, applies=Applies.BOTH, preview=True)
def broken_relative(page: Page, facts: Facts) -> Iterable[Finding]:
    """A link or picture points to a file of the repository that is not there.

    Why
    ---
    A post-mortem is read when the next incident looks like this one. The graph that is then missing was the evidence.

    Bad
    ---
        ## Impact

        - Affected users: about 4,100 customers could not pay, see [the graph](images/errors.png).

    Good
    ----
        ## Impact

        - Affected users: about 4,100 customers could not pay, see [the graph](https://grafana.example.org/d/errors).

    Source
    ------
    CommonMark, links; markdownlint and lychee check the same.

    Notes
    -----
    Looked at are inline links, pictures, definitions and tags outside code. Addresses, anchors alone, mail, paths from
    the root of a site and what a template leaves open are not. A link that a site generator would resolve is fine:
    without its `.md`, as `.html`, or one folder further up.
    """
    for link, path in _relative(page):
        word = _id_in(path)
        if _leads_to_file(path, link, facts) or _is_unknown_id(word, facts):
            continue
        quoted = _short(link.target)
        if _HOST.match(path):
            said = f"'{quoted}' has no https:// and so names a file that is not there: write the whole address"
        else:
            said = f"'{quoted}' leads to no file: correct the path or add the file"
        yield Finding(page.span(link.start, link.end), said, severity=_if_pictures_are_elsewhere(page, path, facts))


def _if_pictures_are_elsewhere(page: Page, path: str, facts: Facts) -> Severity | None:
    """Archives are often copied without their folders of pictures: that is no fault of a document."""
    if page.is_standard or facts.has_settings or facts.exists is None or not _PICTURE.search(path):
        return None
    folder, slash, _ = path.replace("\\", "/").rpartition("/")
    return Severity.INFO if slash and folder.strip("./") and not facts.exists(folder) else None


@rule("LNK002", "broken-incident-ref", Severity.ERROR, asks=Asks.FILES, applies=Applies.BOTH, preview=True)
def broken_incident_ref(page: Page, facts: Facts) -> Iterable[Finding]:
    """The front matter or a link names an incident that this repository does not hold.

    Why
    ---
    Counts of repeated incidents and duplicates follow these names. One wrong letter and the thread is lost.

    Bad
    ---
        ---
        incident: 2026-05-14-checkout-latncy
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        root_cause: pool-size
        ---

    Good
    ----
        ---
        incident: 2026-05-14-checkout-latency
        status: final
        authors: [ann]
        reviewers: [cleo]
        published_at: 2026-05-20T09:00:00Z
        root_cause: pool-size
        ---

    Source
    ------
    The record's own format.

    Notes
    -----
    Only words of the form `YYYY-MM-DD-words` are compared, in `incident`, `duplicate_of`, `repeat_of` and in relative
    links that lead to no file. A repository without incidents is not asked. `STR012` may speak of the same id.
    """
    known = facts.incident_ids
    if not known:
        return
    for key in ("incident", "duplicate_of", "repeat_of"):
        for word in page.values(key):
            if is_incident_id(word) and word not in known:
                yield Finding(page.span_of_key(key), _unknown(word, known))
    for link, path in _relative(page):
        word = _id_in(path) or ""
        if word and word not in known and not _leads_to_file(path, link, facts):
            yield Finding(page.span(link.start, link.end), _unknown(word, known))


def _unknown(word: str, known: frozenset[str]) -> str:
    near = [each for each in known if each[:10] == word[:10] or each[11:] == word[11:]]
    close = get_close_matches(word, sorted(near)[:100], 1, 0.6)
    hint = f"did you mean {close[0]}?" if close else "correct the id, or take it out"
    return f"there is no incident '{_short(word)}' in this repository: {hint}"


# ---------------------------------------------------------------------------------------------------- ephemeral, secret


@rule("LNK003", "ephemeral-link", Severity.INFO, preview=True)
def ephemeral_link(page: Page, facts: Facts) -> Iterable[Finding]:
    """A link leads to something that will be gone, or closed to most readers, before the document is read again.

    Why
    ---
    Chats are deleted after some months, pastes and signed addresses expire, `from=now-1h` shows another hour to every
    reader. What the link shows belongs into the document.

    Bad
    ---
        ## Root Cause

        The [discussion](https://acme.slack.com/archives/C024BE91L/p1715680000) found that the pipeline accepts any size.

    Good
    ----
        ## Root Cause

        The pipeline accepts any size, as the [change](https://github.com/example/infra/pull/411) shows.

    Source
    ------
    PagerDuty's post-mortem guide: attach what supports the analysis.
    """
    links = [link for link in read_links(page) if "://" in link.target] if "://" in page.text else []
    if _EPHEMERAL_NEEDLES.search("\n".join([link.target for link in links])) is None:
        return
    for link in links:
        target = link.target[:2000]
        kind = next((kind for kind, pattern in _EPHEMERAL if pattern.search(target)), None)
        if kind is not None:
            said = f"this link leads to {kind}, which later readers will not see: put what it shows into the document"
            yield Finding(page.span(link.start, link.end), said)


@rule("LNK004", "secret-in-document", Severity.ERROR, applies=Applies.BOTH)
def secret_in_document(page: Page, facts: Facts) -> Iterable[Finding]:
    """The document holds what looks like a credential: a password, a token, a key.

    Why
    ---
    Post-mortems are shared widely, and git keeps every version. A credential that was committed has to be revoked:
    taking it out of the text is not enough.

    Bad
    ---
        ## Root Cause

        The job still connected to `postgres://orders:tR7-vuQ2xLm@db-3.example.org/orders`, whose pool holds 20 connections.

    Good
    ----
        ## Root Cause

        The job still connected to `postgres://orders:****@db-3.example.org/orders`, whose pool holds 20 connections.

    Source
    ------
    The forms that the services publish for their tokens; gitleaks knows them as well.

    Notes
    -----
    Code and front matter are read too. Placeholders, names of variables, hashes, UUIDs and names of pods are none.
    The message never repeats what was found.
    """
    for secret in find_secrets(page.text):
        said = (
            f"this looks like {secret.kind}: revoke it, then take it out of the document; git keeps what was committed"
        )
        yield Finding(_on_one_line(page, secret.start, secret.end), said)


def _on_one_line(page: Page, start: int, end: int) -> Span:
    """The span of what begins here, up to the end of its line: a private key has many."""
    span = page.span(start, end)
    if span.end_line == span.line:
        return span
    return Span(span.line, span.column, span.line, len(page.lines[span.line - 1].rstrip()) + 1)


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 60 else words[:59] + "…"


RULES: Final = (broken_relative, broken_incident_ref, ephemeral_link, secret_in_document)
