"""The guard before every command that writes: what it lets through, what it takes out, and what it says of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.guard import Guard
from incidentctl.incident.secrets import find_secrets

KEY = "AKI" + "A4XQ7LMNBT2RWVZ5K"


@pytest.mark.parametrize(
    ("words", "cleaned"),
    [
        (["pool", "exhausted"], ["pool", "exhausted"]),
        ([], []),
        (["ic", "me", "password:", "Wagon7-Kettle"], ["ic", "me", "password:", "[secret removed: password]"]),
        (["password:", "Wagon7-Kettle", "title=x"], ["password:", "[secret removed: password]", "title=x"]),
        ([f"title=the key {KEY}", "tags=a"], ["title=the key [secret removed: AWS access key]", "tags=a"]),
        (["password: Wagon7-Kettle"], ["password: [secret removed: password]"]),
    ],
)
def test_words_keep_their_places_around_what_is_taken_out(words: list[str], cleaned: list[str]) -> None:
    assert Guard().clean_words(words) == cleaned


def test_a_key_that_was_pasted_without_quotes_is_taken_out_whole() -> None:
    body = ("q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E" * 2)[:64]
    words = f"note -----BEGIN RSA PRIVATE KEY----- {body} {body} -----END RSA PRIVATE KEY----- leaked".split(" ")
    assert Guard().clean_words(words) == ["note", "[secret removed: private key]", "leaked"]


@given(
    st.lists(st.sampled_from(("a", "", "b c", "password:", "Wagon7-Kettle", KEY, "--token", "x=", "is")), max_size=8)
)
def test_words_hold_no_secret_afterwards_and_none_is_lost(words: list[str]) -> None:
    cleaned = Guard().clean_words(words)
    assert find_secrets(" ".join(cleaned)) == ()
    for word in ("a", "b c", "x="):
        assert " ".join(cleaned).split().count(word) == " ".join(words).split().count(word)


def test_each_kind_is_said_once_with_the_way_to_write_it_all_the_same() -> None:
    guard = Guard()
    guard.clean(f"{KEY} {KEY} password: Wagon7-Kettle")
    assert guard.warnings == (
        "what looks like an AWS access key was taken out before it was written; --allow-secret writes it as it is",
        "what looks like a password was taken out before it was written; --allow-secret writes it as it is",
    )


def test_one_that_is_off_lets_everything_through() -> None:
    guard = Guard(is_off=True)
    assert guard.clean(KEY) == KEY
    assert guard.clean_words([KEY]) == [KEY]
    assert guard.warnings == ()


def test_of_a_file_from_an_editor_only_what_is_new_is_said() -> None:
    guard = Guard()
    guard.look_over(f"a\n{KEY}\npassword: Wagon7-Kettle\n", f"{KEY}\n")
    assert guard.warnings == (
        "line 3 holds what looks like a password, and is written as it stands: take it out again",
    )
