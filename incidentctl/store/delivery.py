"""Hands messages to their targets, beside each other and in bounded time, within this process. Remembers nothing and repeats nothing."""

import queue
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from incidentctl.errors import UsageError

ONE_TARGET_S: Final = 5.0
"""Seconds until a target that says nothing is left."""
LONGEST_WAIT_S: Final = 86400
CHATS: Final = frozenset(
    "slack discord mmost mmosts workflow workflows gchat rocket rockets zulip wxteams webex tgram ntfy ntfys gotify gotifys pover".split()
)
MAIL: Final = frozenset({"mailto", "mailtos"})
WEBHOOKS: Final = frozenset({"json", "jsons"})
SCHEMES: Final = CHATS | MAIL | WEBHOOKS | {"https"}
"""What an address may begin with: what goes out over HTTP or SMTP, and nothing that runs a program or stays on this machine. `https` is the
address that a chat shows for its webhook."""


class Outcome(Enum):
    """What became of one try."""

    SENT = "sent"
    NOT_TAKEN = "not_taken"
    """The target does not have it: it may be tried again."""
    UNKNOWN = "unknown"
    """It may have it: nothing, or nothing that makes sense, came back after it was handed over."""


class Delivery(Struct, frozen=True):
    """How one try ended. `why` never has an address, nor anything that the target said; `retry_after` is in seconds."""

    outcome: Outcome
    why: str = ""
    retry_after: int | None = None


class Message(Struct, frozen=True):
    """What one target gets: a headline and text for people, already harmless, and JSON for programs. `address` is secret."""

    target: str
    key: str
    address: str
    title: str
    text: str
    data: Mapping[str, Any]


Sender = Callable[[Message, float], Delivery]
"""Sends one message; the second value is when to stop, in the time of `time.monotonic`."""


def scheme_of(address: str) -> str:
    """What an address begins with, in lower case; a `UsageError` for what is not allowed, which never repeats the address."""
    try:
        scheme = urlsplit(address.strip()).scheme.lower()
    except ValueError:
        scheme = ""
    if scheme not in SCHEMES:
        raise UsageError(
            f"{scheme + '://' if scheme.isalpha() and len(scheme) < 20 else 'its address'} is not a kind of target that is used",
            hint="use slack, discord, mmost(s), workflows (Teams), mailto(s), json(s) or another one that docs/how-to/notify.md lists",
        )
    return scheme


def judged(status: int, retry_after: str | None) -> Delivery:
    """What an answer of HTTP means. An error says that it was not taken; a redirection is not followed, since the secret would go along."""
    if 200 <= status < 300:
        return Delivery(Outcome.SENT)
    if 300 <= status < 400:
        return Delivery(
            Outcome.NOT_TAKEN, f"it answers {status}: it has moved, and nothing is sent on; put its new address in"
        )
    if status == 504:
        return Delivery(Outcome.UNKNOWN, "it answers 504: a server behind it did not answer in time")
    seconds = (
        int(retry_after) if retry_after is not None and retry_after.isascii() and retry_after.isdecimal() else None
    )
    if status == 429:
        return Delivery(Outcome.NOT_TAKEN, "it answers 429: too many at once", min(seconds or 60, LONGEST_WAIT_S))
    later = min(seconds, LONGEST_WAIT_S) if seconds is not None and status == 503 else None
    return Delivery(Outcome.NOT_TAKEN, f"it answers {status}", later)


def deliver(messages: Sequence[Message], *, seconds: float = ONE_TARGET_S) -> list[Delivery]:
    """Sends all of them at once, and tells how each ended, in their order. Takes a little longer than `seconds`, whatever a target does.

    One that is still talking then is left to a thread that ends with the process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what a library says of its own future is no news for a responder
        return _deliver(messages, seconds)


def _deliver(messages: Sequence[Message], seconds: float) -> list[Delivery]:
    senders, results = _senders(messages), queue.SimpleQueue[tuple[int, Delivery]]()
    until = time.monotonic() + seconds
    found: dict[int, Delivery] = {}

    def run(number: int, sender: Sender) -> None:
        try:
            results.put((number, sender(messages[number], until)))
        except Exception as error:  # a library's own fault must not take the others with it
            results.put((number, Delivery(Outcome.UNKNOWN, f"sending failed: {type(error).__name__}")))

    for number, sender in enumerate(senders):
        if isinstance(sender, Delivery):
            found[number] = sender
        else:
            threading.Thread(target=run, args=(number, sender), daemon=True).start()
    while len(found) < len(messages):
        try:
            number, delivery = results.get(timeout=max(0.0, until + 0.5 - time.monotonic()))
        except queue.Empty:
            break
        found[number] = delivery
    late = Delivery(Outcome.UNKNOWN, f"no answer within {seconds:g} s")
    return [found.get(number, late) for number in range(len(messages))]


def _senders(messages: Sequence[Message]) -> list[Sender | Delivery]:
    """How each is sent, or why it cannot be."""
    from incidentctl.store.webhook import post_json

    senders: list[Sender | Delivery] = []
    for message in messages:
        try:
            if scheme_of(message.address) in WEBHOOKS:
                senders.append(post_json)
                continue
            from incidentctl.store.chats import send_by_library  # 0.5 s, for those who have such a target

            senders.append(send_by_library)
        except UsageError as error:
            senders.append(Delivery(Outcome.NOT_TAKEN, "; ".join(filter(None, (error.message, error.hint)))))
    return senders
