"""`undo`: an entry counts no longer. Nothing is deleted."""

import pytest

from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV2 with a note."""
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.at("10:20")
    return desk


def entry_id(desk: Desk, words: str) -> str:
    """The id of the entry that holds the words."""
    (line,) = [line for line in desk.text().splitlines() if line.startswith("- ") and words in line]
    return line.rpartition("<!-- ")[2].removesuffix(" -->")


def test_the_last_entry_of_ones_own_is_withdrawn_and_stays_where_it_is(room: Desk) -> None:
    room.ok("note", "pool exhausted")
    result = room.ok("undo")
    assert result.out == "10:20Z checkout-latency SEV2 withdrew note: pool exhausted\n"
    assert room.subjects()[0] == "checkout-latency: withdrew note: pool exhausted"
    assert "- 2026-05-14T10:20:00Z pool exhausted — @ann" in room.text()
    assert f"- 2026-05-14T10:20:00Z **Withdrawn** {entry_id(room, 'pool')} — @ann" in room.text()
    assert "pool exhausted  (@ann, withdrawn)" in room.ok("show").out


def test_what_it_said_counts_no_longer(room: Desk) -> None:
    room.ok("severity", "1")
    assert room.ok("undo").out == "10:20Z checkout-latency SEV2 withdrew severity SEV2 → SEV1\n"
    assert "severity: SEV2" in room.text()
    room.ok("assign", "ic", "@bob")
    assert room.ok("undo").out.endswith("withdrew commander @bob\n")
    room.ok("resolve", "fixed")
    assert room.ok("undo", ID).out.endswith("withdrew resolved: fixed\n")
    assert "status: investigating" in room.text()
    assert "resolved_at" not in room.text().split("---")[1]


def test_again_withdraws_the_one_before(room: Desk) -> None:
    room.ok("note", "first")
    room.ok("note", "second")
    assert "second" in room.ok("undo").out
    assert "first" in room.ok("undo").out
    result = room.ictl("undo")
    assert result.code == 2
    assert result.err == f"the opening cannot be withdrawn: cancel the incident: ictl cancel {ID} --reason REASON\n"


def test_it_withdraws_what_was_written_last_not_what_happened_last(room: Desk) -> None:
    room.ok("note", "happened last")
    room.wait(1)
    room.ok("note", "written last", "--at", "10:07")
    assert "written last" in room.ok("undo").out


def test_the_opening_is_never_taken_for_the_last_one_written(desk: Desk) -> None:
    desk.now = desk.now.replace(second=40)
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "same minute", "--at", "10:06")
    assert "same minute" in desk.ok("undo").out


def test_it_leaves_what_others_said(room: Desk) -> None:
    room.ok("note", "mine")
    (room.path.parent / "home" / "gitconfig").write_text("[user]\nname = Bob\nemail = bob@example.org\n")
    assert room.ictl("undo").err == "@bob has no entry in checkout-latency to withdraw: name one: ictl undo e:ID\n"
    room.ok("note", "bobs")
    assert "bobs" in room.ok("undo").out


def test_what_one_typed_for_another_is_ones_own(room: Desk) -> None:
    room.ok("note", "--by", "@bob", "for bob")
    assert "for bob" in room.ok("undo").out


def test_any_entry_is_named_by_its_id(room: Desk) -> None:
    room.ok("note", "--by", "@bob", "from bob")
    room.ok("note", "mine")
    target = entry_id(room, "from bob")
    assert target in room.ok("timeline", "--ids").out
    assert "withdrew note: from bob" in room.ok("undo", target, "-m", "wrong incident").out
    assert f"**Withdrawn** {target}: wrong incident — @ann" in room.text()
    for name in (target, target.removeprefix("e:").upper()):
        result = room.ictl("undo", name)
        assert result.code == 2
        assert f"{target} is withdrawn already: to restore it, withdraw the withdrawal: ictl undo e:" in result.err
    assert room.ictl("undo", entry_id(room, "**Opened**")).code == 2


def test_withdrawing_the_withdrawal_restores_the_entry(room: Desk) -> None:
    room.ok("mitigate", "failed over")
    room.ok("undo")
    assert "status: investigating" in room.text()
    result = room.ok("undo", entry_id(room, "**Withdrawn**"))
    assert result.out == "10:20Z checkout-latency SEV2 restored mitigated: failed over\n"
    assert "status: mitigated" in room.text()
    assert "withdrawn" not in room.ok("timeline").out.splitlines()[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("e:zzzzzz",), "checkout-latency has no entry e:zzzzzz: see the ids: ictl timeline"),
        (("nonsense",), "checkout-latency has no entry e:nonsense"),
        (("e:000000", "e:000001"), "one entry is withdrawn at a time"),
    ],
)
def test_what_is_no_entry_is_refused(room: Desk, words: tuple[str, ...], message: str) -> None:
    result = room.ictl("undo", *words)
    assert result.code == 2
    assert message in result.err


def test_a_long_text_is_told_in_short(room: Desk) -> None:
    room.ok("note", "x" * 300)
    assert room.ok("undo").out == f"10:20Z checkout-latency SEV2 withdrew note: {'x' * 39}…\n"
