"""One message to one target, over real connections: what each answer means, and that none of them costs more than its time."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from incidentctl.errors import UsageError
from incidentctl.store.delivery import Delivery, Message, Outcome, deliver, judged, scheme_of
from tests.loopback import Loopback, closed_port, raw_server

SECRET = "s3cr3t-t0k3n-of-the-ch4t"


@pytest.fixture
def server() -> Iterator[Loopback]:
    loopback = Loopback()
    yield loopback
    loopback.close()


def message(address: str, *, text: str = "Status: Identified\nImpact: some") -> Message:
    return Message("ops", "0123abcd", address, "SEV1 Checkout latency", text, {"kind": "notice", "text": text})


def sent(address: str, *, seconds: float = 1.0) -> Delivery:
    (delivery,) = deliver([message(address)], seconds=seconds)
    assert SECRET not in delivery.why
    assert "127.0.0.1" not in delivery.why
    return delivery


# ---------------------------------------------------------------------------------------------------------- a webhook


def test_a_webhook_gets_our_json_with_its_key(server: Loopback) -> None:
    assert sent(server.url(path=f"/hook/{SECRET}?a=1")).outcome is Outcome.SENT
    (taken,) = server.taken
    assert taken.path == f"/hook/{SECRET}?a=1"
    assert taken.json["kind"] == "notice"
    assert taken.headers["Idempotency-Key"] == "0123abcd"
    assert taken.headers["Content-Type"] == "application/json"


def test_user_and_headers_of_the_address_go_along(server: Loopback) -> None:
    address = f"json://ann:{SECRET}@127.0.0.1:{server.port}/?+X-Token=a%20b&c=d"
    assert sent(address).outcome is Outcome.SENT
    (taken,) = server.taken
    assert taken.path == "/?c=d"
    assert taken.headers["X-Token"] == "a b"
    assert taken.headers["Authorization"].startswith("Basic ")


def test_a_header_of_the_address_cannot_hold_another_one(server: Loopback) -> None:
    delivery = sent(f"json://127.0.0.1:{server.port}/?+X-Token=a%0d%0aX-Other:%20b")
    assert delivery.outcome is Outcome.NOT_TAKEN
    assert not server.taken


@pytest.mark.parametrize("status", [400, 401, 404, 500, 502, 503])
def test_an_error_says_that_it_was_not_taken(server: Loopback, status: int) -> None:
    server.statuses = [status]
    delivery = sent(server.url())
    assert delivery == Delivery(Outcome.NOT_TAKEN, f"it answers {status}")


def test_too_many_at_once_names_when_to_come_again(server: Loopback) -> None:
    server.statuses, server.headers = [429], {"Retry-After": "90"}
    delivery = sent(server.url())
    assert (delivery.outcome, delivery.retry_after) == (Outcome.NOT_TAKEN, 90)


@pytest.mark.parametrize("words", ["-5", "tomorrow", "９９", "9" * 400, ""])
def test_a_time_that_is_none_or_far_too_long_is_bounded(words: str) -> None:
    found = judged(429, words).retry_after
    assert found is not None
    assert 0 < found <= 86400


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirection_is_never_followed(server: Loopback, status: int) -> None:
    other = Loopback()
    server.statuses, server.headers = [status], {"Location": other.url("http", "/elsewhere")}
    for address in (server.url(path=f"/{SECRET}"), server.url("mmost", f"/{'a' * 24}")):
        delivery = sent(address, seconds=5.0)
        assert delivery.outcome is Outcome.NOT_TAKEN
        assert f"it answers {status}" in delivery.why
    assert not other.taken
    other.close()


def test_nobody_at_that_place_is_said() -> None:
    assert sent(f"json://127.0.0.1:{closed_port()}/").outcome is Outcome.NOT_TAKEN


def test_who_says_nothing_is_left_and_may_have_it(server: Loopback) -> None:
    server.delay = 3.0
    begun = time.monotonic()
    delivery = sent(server.url(), seconds=0.5)
    assert delivery.outcome is Outcome.UNKNOWN
    assert time.monotonic() - begun < 1.5


def test_who_answers_a_letter_at_a_time_is_left_as_well() -> None:
    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        for _ in range(100):
            connection.sendall(b"H")
            time.sleep(0.1)

    begun = time.monotonic()
    with raw_server(drip) as port:
        assert sent(f"json://127.0.0.1:{port}/", seconds=0.5).outcome is Outcome.UNKNOWN
    assert time.monotonic() - begun < 2.0


@pytest.mark.parametrize("words", [b"", b"220 mail.example.org ESMTP\r\n", b"\x00" * 70000, b"HTTP/1.1 okay\r\n\r\n"])
def test_who_answers_something_else_may_have_it(words: bytes) -> None:
    def lie(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(words)

    with raw_server(lie) as port:
        assert sent(f"json://127.0.0.1:{port}/").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("scheme", ["json", "mmost"])
def test_an_answer_without_an_end_is_not_read(scheme: str) -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    begun = time.monotonic()
    with raw_server(endless) as port:
        assert sent(f"{scheme}://127.0.0.1:{port}/{'a' * 24}", seconds=3.0).outcome is Outcome.SENT
    assert time.monotonic() - begun < 3.0


def test_a_hundred_thousand_headers_are_not_read() -> None:
    def headers(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n")

    with raw_server(headers) as port:
        assert sent(f"json://127.0.0.1:{port}/").outcome is Outcome.UNKNOWN


def test_all_are_sent_to_beside_each_other(server: Loopback) -> None:
    server.delay = 0.4
    begun = time.monotonic()
    found = deliver([message(server.url())] * 5, seconds=3.0)
    assert [each.outcome for each in found] == [Outcome.SENT] * 5
    assert time.monotonic() - begun < 1.5


# -------------------------------------------------------------------------------------------------------------- a chat


def test_a_chat_gets_headline_and_text_and_nothing_of_the_librarys_own(server: Loopback) -> None:
    assert sent(server.url("mmost", f"/{'a' * 24}"), seconds=5.0).outcome is Outcome.SENT
    (taken,) = server.taken
    assert taken.json["text"].split() == "SEV1 Checkout latency Status: Identified Impact: some".split()
    assert taken.json["username"] == "incidentctl"
    assert "icon_url" not in taken.json
    assert b"github" not in taken.body
    assert b"Apprise" not in taken.body


def test_what_a_chat_answers_is_judged_as_a_webhooks_is(server: Loopback) -> None:
    server.statuses, server.headers = [429, 500], {"Retry-After": "7"}
    address = server.url("mmost", f"/{'a' * 24}")
    assert sent(address, seconds=5.0).retry_after == 7
    assert sent(address, seconds=5.0) == Delivery(Outcome.NOT_TAKEN, "it answers 500")
    assert sent(f"mmost://127.0.0.1:{closed_port()}/{'a' * 24}", seconds=5.0).outcome is Outcome.NOT_TAKEN


def test_a_chat_that_says_nothing_may_have_it(server: Loopback) -> None:
    server.delay = 3.0
    assert sent(server.url("mmost", f"/{'a' * 24}"), seconds=0.7).outcome is Outcome.UNKNOWN


def test_an_address_cannot_ask_for_redirections_or_repetitions(server: Loopback) -> None:
    other = Loopback()
    server.statuses, server.headers = [302], {"Location": other.url("http", "/")}
    address = server.url("mmost", f"/{'a' * 24}?redirect=yes&retry=5&rto=60&cto=60&wait=1")
    assert sent(address, seconds=5.0).outcome is Outcome.NOT_TAKEN
    assert len(server.taken) == 1
    assert not other.taken
    other.close()


def test_an_address_cannot_name_a_file(server: Loopback) -> None:
    for option in (
        "template=/etc/passwd",
        "a=1;template=/etc/passwd",
        "%54emplate=/etc/passwd",
        "a&+attach=/etc/passwd",
    ):
        delivery = sent(server.url("mmost", f"/{'a' * 24}?{option}"), seconds=5.0)
        assert delivery.outcome is Outcome.NOT_TAKEN
        assert "which is not used here" in delivery.why
    assert not server.taken


def test_nothing_is_logged_of_a_failure(server: Loopback, capfd: pytest.CaptureFixture[str]) -> None:
    server.statuses = [500]
    sent(server.url("mmost", f"/{'a' * 24}"), seconds=5.0)
    sent(f"mmost://127.0.0.1:{closed_port()}/{SECRET}", seconds=5.0)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address",
    [
        "file:///tmp/x",
        "dbus://",
        "macosx://",
        "windows://",
        "gnome://",
        "syslog://",
        "exec://x",
        "include://x",
        "smpp://u:p@h",
        "pagerduty://k@h",
        "matrix://u:p@h",
        "ftp://x",
        "http://127.0.0.1/",
        "-oProxyCommand=x",
        "",
        "slack",
        "http://[::1",
    ],
)
def test_no_other_kind_of_address_is_used_and_none_is_repeated(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        scheme_of(address + SECRET)
    assert SECRET not in refused.value.message


def test_an_address_of_the_web_that_is_no_chats_is_not_used() -> None:
    delivery = sent(f"https://example.invalid/{SECRET}", seconds=5.0)
    assert (delivery.outcome, delivery.why) == (Outcome.NOT_TAKEN, "its address is none that is understood")


def test_a_mail_server_that_is_not_there_is_said() -> None:
    address = f"mailto://127.0.0.1:{closed_port()}?mode=insecure&from=bot@example.org&to=ops@example.org"
    assert sent(address, seconds=5.0).outcome is Outcome.NOT_TAKEN


@pytest.mark.parametrize(
    "address",
    [
        "https://hooks.slack.com/services/T0000000/B0000000/" + "x" * 24,
        "https://discord.com/api/webhooks/123456789012345678/" + "y" * 60,
        "slack://T0000000/B0000000/" + "x" * 24,
        "discord://123456789012345678/" + "y" * 60,
        "workflows://host.example.org/workflow1/sig2",
        "mailtos://ann:pw@example.org?to=ops@example.org",
        "gchat://w/k/t",
        "tgram://123456789:abcdefg_hijklmnop/123/",
        "ntfy://127.0.0.1/topic",
        "zulip://bot@org/" + "a" * 32 + "/chan",
    ],
)
def test_the_usual_addresses_are_understood(address: str) -> None:
    from incidentctl.store.chats import _plugin

    plugin = _plugin(address)
    assert not isinstance(plugin, Delivery)
    assert plugin.redirects is False
    assert plugin.retry == 0


def test_a_mail_is_plain_text_to_the_address(server: Loopback) -> None:
    received: list[bytes] = []

    def smtp(connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        connection.sendall(b"220 loopback\r\n")
        in_data = False
        for line in stream:
            if in_data:
                received.append(line)
                if line == b".\r\n":
                    in_data = False
                    connection.sendall(b"250 ok\r\n")
                continue
            verb = line[:4].upper()
            if verb == b"DATA":
                in_data = True
                connection.sendall(b"354 go on\r\n")
            elif verb == b"QUIT":
                connection.sendall(b"221 bye\r\n")
                return
            else:
                connection.sendall(b"250 ok\r\n")

    with raw_server(smtp) as port:
        address = f"mailto://127.0.0.1:{port}?mode=insecure&from=bot@example.org&to=ops@example.org"
        assert sent(address, seconds=5.0).outcome is Outcome.SENT
    mail = b"".join(received).decode()
    assert "Subject: SEV1 Checkout latency" in mail
    assert "text/plain" in mail
    assert "text/html" not in mail
    assert threading.active_count() < 50
