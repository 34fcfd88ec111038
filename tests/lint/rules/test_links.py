"""Links that lead nowhere or not for long, and credentials in a document."""

import pytest

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.page import Page
from incidentctl.lint.rules.links import RULES, read_links
from tests.growth import assert_grows_linearly
from tests.lint.documents import COMPLETE, ID, INCIDENT, INCIDENT_PATH, PATH, compose, facts

BY_CODE = {rule.code: rule for rule in RULES}
FILES = {"images/p99.png", "images", "other.md", "a b.md", "sub/index.md", "beside.md", f"../../incidents/{ID}.md"}


def exists(target: str) -> bool:
    return target.removeprefix("./") in FILES


def found(code: str, text: str, path: str = PATH, **known):
    return list(BY_CODE[code].check(Page(path, text), facts(**({"exists": exists} | known))))


def root_cause(words: str) -> str:
    return compose(f"## Root Cause\n\n{words}\n")


def pointed_at(text, finding):
    line = text.split("\n")[finding.span.line - 1]
    return line[finding.span.column - 1 : finding.span.end_column - 1]


def targets(text: str) -> list[str]:
    return [link.target for link in read_links(Page("a.md", text))]


@pytest.mark.parametrize("code", BY_CODE)
def test_the_complete_post_mortem_and_its_incident_have_no_finding(code: str) -> None:
    assert found(code, COMPLETE) == []
    assert found(code, INCIDENT, INCIDENT_PATH) == []


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[a](b.md)", ["b.md"]),
        ('[a](b.md "title") and ![c](d.png)', ["b.md", "d.png"]),
        ("[![c](d.png)](b.md)", ["d.png", "b.md"]),
        ("[a](<b c.md>)", ["b c.md"]),
        ("[a](b_(c).md)", ["b_(c).md"]),
        ("[over\ntwo lines](b.md)", ["b.md"]),
        ("> - [a](b.md)\n>   [c](d.md)", ["b.md", "d.md"]),
        ("| a | b |\n| --- | --- |\n| [a](b.md) | [c](d.md) |", ["b.md", "d.md"]),
        ("[a][x]\n\n[x]: b.md\n", ["b.md"]),
        ("<img src='b.png'> and <a href=\"c.md\">c</a>", ["b.png", "c.md"]),
        ("<div>\n<img width=2 src='b.png'>\n</div>", ["b.png"]),
        ("see https://a.example/b, and <https://c.example>.", ["https://a.example/b", "https://c.example"]),
        ("`[a](b.md)` and ``[c](`d.md)``", []),
        ("```\n[a](b.md)\n```\n\n    [c](d.md)\n", []),
        ("```\n[x]: b.md\n```", []),
        (r"\[a\](b.md) and [c\](d.md)", []),
        ("<!-- [a](b.md) -->", []),
        ("[^1]: b.md is a footnote", []),
    ],
)
def test_links_are_read_in_each_form_and_not_in_code(text: str, links: list[str]) -> None:
    assert targets(text) == links


def test_a_link_behind_front_matter_with_other_line_ends_has_its_exact_place() -> None:
    text = "\ufeff---\r\ntitle: x\r\n---\r\n\r\n# T\r\n\r\n- a\r\n  see [a](gone.md)\r\n"
    [link] = read_links(Page("a.md", text))
    assert text[link.start : link.end] == "gone.md"


# ------------------------------------------------------------------------------------------------------------- LNK001


@pytest.mark.parametrize(
    "target",
    ["gone.md", "./images/gone.png", "../other.md/x", "images/p99.jpg", "gone.md#part", "gone%20too.md", "./gone"],
)
def test_a_link_to_no_file_is_named_at_its_target(target: str) -> None:
    text = root_cause(f"The value, see [there]({target}), was too small.")
    [finding] = found("LNK001", text)
    assert pointed_at(text, finding) == target
    assert finding.severity is None


@pytest.mark.parametrize(
    "target",
    [
        "other.md",
        "./other.md#part",
        "other.md?plain=1",
        "a%20b.md",
        "<a b.md>",
        "other",
        "other.html",
        "sub/",
        "sub",
        "../beside",
        ".\\other.md",
        "images/p99.png",
        "#summary",
        "/docs/other.md",
        "//cdn.example.org/x.png",
        "https://example.org/gone.md",
        "mailto:ann@example.org",
        "ann@example.org",
        "{{ site.url }}/x",
        "runs/<name>.md",
        "",
    ],
)
def test_what_leads_to_a_file_or_elsewhere_is_fine(target: str) -> None:
    assert found("LNK001", root_cause(f"The value, see [there]({target}), was too small.")) == []


def test_an_address_without_its_scheme_is_explained() -> None:
    [finding] = found("LNK001", root_cause("See [the board](status.example.org/board)."))
    assert "has no https://" in finding.message


def test_a_definition_and_a_tag_are_checked_as_well() -> None:
    assert len(found("LNK001", root_cause("See [it][x] and <img src='gone.png'>.\n\n[x]: gone.md"))) == 2


def test_pictures_whose_folder_was_not_copied_are_info_in_another_template() -> None:
    text = "# Outage of 2 March 2026\n\n## What happened\n\n![a](shots/a.png) ![b](images/b.png) [c](shots/c.md)\n"
    assert [each.severity for each in found("LNK001", text, "a.md")] == [Severity.INFO, None, None]
    assert [each.severity for each in found("LNK001", text, "a.md", has_settings=True)] == [None, None, None]


# ------------------------------------------------------------------------------------------------------------- LNK002


def test_an_incident_that_is_not_there_is_named_at_the_key() -> None:
    text = COMPLETE.replace(f"incident: {ID}", "incident: 2026-05-15-checkout-latency", 1)
    [finding] = found("LNK002", text)
    assert pointed_at(text, finding) == "2026-05-15-checkout-latency"
    assert f"did you mean {ID}?" in finding.message


@pytest.mark.parametrize("key", ["duplicate_of", "repeat_of"])
def test_an_incident_file_names_others_as_well(key: str) -> None:
    known = INCIDENT.replace("services:", f"{key}: {ID}\nservices:", 1)
    unknown = INCIDENT.replace("services:", f"{key}: 2026-01-01-nothing\nservices:", 1)
    assert found("LNK002", known, INCIDENT_PATH) == []
    assert len(found("LNK002", unknown, INCIDENT_PATH)) == 1


def test_a_link_to_an_unknown_incident_is_one_finding() -> None:
    text = root_cause("As in [March](../../incidents/2026-03-02-search-down.md).")
    [finding] = found("LNK002", text)
    assert "2026-03-02-search-down" in finding.message
    assert found("LNK001", text) == []


def test_a_wrong_path_to_a_known_incident_is_a_broken_link() -> None:
    text = root_cause(f"As in [May](../{ID}.md).")
    assert len(found("LNK001", text)) == 1
    assert found("LNK002", text) == []


@pytest.mark.parametrize(
    "words",
    [
        "As on 2026-03-02-search-down.",
        f"[May](../../incidents/{ID}.md)",
        "[x](https://a.example/2026-03-02-search-down.md)",
    ],
)
def test_words_and_addresses_are_not_compared(words: str) -> None:
    assert found("LNK002", root_cause(words)) == []


def test_a_repository_without_incidents_is_not_asked() -> None:
    text = COMPLETE.replace(f"incident: {ID}", "incident: 2026-05-15-checkout-latency", 1)
    assert found("LNK002", text, incident_ids=frozenset()) == []


# ------------------------------------------------------------------------------------------------------------- LNK003


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.slack.com/archives/C024BE91L/p1715680000",
        "https://discord.com/channels/1/2/3",
        "https://teams.microsoft.com/l/message/1",
        "https://meet.google.com/abc-defg-hij",
        "https://pastebin.com/Ab12Cd34",
        "http://localhost:3000/d/pool",
        "https://grafana.example.org/d/pool?from=now-1h&to=now",
        "https://logs.s3.amazonaws.com/x.txt?X-Amz-Expires=3600&X-Amz-Signature=ab12",
        "https://github.com/example/infra/actions/runs/123",
        "https://gitlab.example.org/a/b/-/jobs/123",
        "https://ci.example.org/job/deploy/12/console",
    ],
)
@pytest.mark.parametrize(
    "form", ["[there]({})", "<{}>", "{}", "[there][x]\n\n[x]: {}"], ids=["link", "brackets", "bare", "definition"]
)
def test_what_will_be_gone_is_info_at_its_address(address: str, form: str) -> None:
    text = root_cause("See " + form.format(address))
    [finding] = found("LNK003", text)
    assert pointed_at(text, finding) == address


@pytest.mark.parametrize(
    "address",
    [
        "https://grafana.example.org/d/pool?from=1715680000000&to=1715690000000",
        "https://slack.com/intl/help",
        "https://github.com/example/infra/pull/411",
        "https://example.org/localhost",
        "https://discord.com/blog/outage",
        "https://status.example.org/1",
    ],
)
def test_what_stays_is_fine(address: str) -> None:
    assert found("LNK003", root_cause(f"See [there]({address}).")) == []


def test_addresses_in_code_are_no_links() -> None:
    assert found("LNK003", root_cause("We ran `curl http://localhost:3000/health`.")) == []


# ------------------------------------------------------------------------------------------------------------- LNK004

TOKEN = "ghp" + "_q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E"


@pytest.mark.parametrize(
    "words",
    [f"The job used {TOKEN}.", f"```\nTOKEN={TOKEN}\n```", f"[x](https://a.example/?t={TOKEN})", f"<!-- {TOKEN} -->"],
)
def test_a_credential_is_an_error_wherever_it_stands_and_is_never_repeated(words: str) -> None:
    text = root_cause(words)
    [finding] = found("LNK004", text)
    assert pointed_at(text, finding) == TOKEN
    assert TOKEN[4:] not in finding.message
    assert "a GitHub token" in finding.message


def test_a_credential_in_an_incident_file_is_one_as_well() -> None:
    [finding] = found("LNK004", INCIDENT.replace("pool size raised", f"raised with {TOKEN}"), INCIDENT_PATH)
    assert finding.span.line > 10


def test_a_private_key_is_shown_at_its_first_line() -> None:
    body = "\n".join(("q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E" * 2)[:64] for _ in range(20))
    text = root_cause(f"```\n-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n```")
    [finding] = found("LNK004", text)
    assert pointed_at(text, finding) == "-----BEGIN PRIVATE KEY-----"
    assert finding.span.end_line == finding.span.line


# --------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    "make_words",
    [
        lambda size: "](a " * size,
        lambda size: "](<" * size,
        lambda size: "[a](b" + " " * 4 * size,
        lambda size: '[a](b "' * size,
        lambda size: "<a href=" * size,
        lambda size: "`" * 2 * size + " a " + "``" * size,
        lambda size: "https://" * size,
        lambda size: "\\(" * 2 * size,
        lambda size: "https://a.slack.com/archives/" * (size // 4) + "x" * (size % 4),  # never the same text twice
    ],
    ids=lambda make_words: make_words(4)[:8].strip(),
)
def test_time_is_linear_in_the_text(make_words) -> None:
    def read_page(size: int) -> Page:
        page = Page("a.md", f"# Outage\n\n## Impact\n\n{make_words(size)}\n")
        assert page.blocks
        return page

    def check(page: Page) -> None:
        for rule in RULES:
            list(rule.check(page, facts(exists=lambda target: False)))

    assert_grows_linearly(read_page, check, 20_000)
