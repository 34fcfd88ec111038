"""What a commit's message claims: wherever it stands, and nothing that only looks like it."""

from incidentctl.verify.changes import Claims, Rewrite, read_claims

OLD, NEW = "a" * 40, "b" * 40


def test_a_message_of_a_command_claims_what_it_names() -> None:
    message = (
        "checkout: noted\n\nIncident: 2026-05-14-x\nIncident-Event: note e:00aaaa\nIncident-Event: severity e:00bbbb\n"
    )
    assert read_claims(message) == Claims(frozenset({"2026-05-14-x"}), frozenset({"00aaaa", "00bbbb"}))


def test_a_squashed_merge_keeps_its_claims() -> None:
    message = "Merge (#4)\n\n* one\n\nIncident: x\nIncident-Edited: e:00aaaa a:00bbbb\r\n\n* two\n\nAction: a:00cccc\n\nmore words\n"
    claims = read_claims(message)
    assert claims.edited == {"00aaaa", "00bbbb"}
    assert claims.actions == {"00cccc"}


def test_a_rewriting_is_two_whole_ids_and_why() -> None:
    rewrites = (Rewrite(OLD, NEW, "erased a name"), Rewrite("c" * 64, "d" * 64, ""))
    lines = (f"{OLD}..{NEW} erased a name", f"{'c' * 64}..{'d' * 64}", f"{OLD[:9]}..{NEW} short", "HEAD..main x", OLD)
    message = "x\n\n" + "".join(f"Incident-Rewrite: {line}\n" for line in lines)
    assert read_claims(message).rewrites == rewrites


def test_other_messages_claim_nothing() -> None:
    for message in (
        "",
        "Incident",
        "fix Incident: x in code",
        " Incident: x",
        "Action: do it",
        "Incident-Event: note 00aaaa",
    ):
        claims = read_claims(message)
        assert not (claims.events or claims.edited or claims.actions or claims.rewrites)
