"""What is a credential by its shape, and what only looks like one. The samples are put together here, so that no scanner finds them."""

import base64
import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.secrets import find_secrets, mask_secrets, take_out_secrets, without_masks
from tests.growth import assert_grows_linearly

MIXED = "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E"
HEX = "7f3a9c2e5b8d1046e9a7c3f25d8b0164"


def kinds(text: str) -> list[str]:
    return [secret.kind for secret in find_secrets(text)]


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("AKI" + "A4XQ7LMNBT2RWVZ5K", "an AWS access key"),
        ("ghp" + "_" + MIXED, "a GitHub token"),
        ("github" + "_pat_" + MIXED + MIXED[:20], "a GitHub token"),
        ("glpat" + "-" + MIXED[:20], "a GitLab token"),
        ("xoxb" + "-271828182845-314159265358-" + MIXED[:24], "a Slack token"),
        ("sk" + "_live_" + MIXED[:24], "a Stripe key"),
        ("npm" + "_" + MIXED, "an npm token"),
        ("pypi" + "-AgEIcHlwaS5vcmc" + MIXED * 2, "a PyPI token"),
        ("AIza" + MIXED[:35], "a Google API key"),
        ("SG" + "." + MIXED[:22] + "." + (MIXED + MIXED)[:43], "a SendGrid key"),
        ("hvs" + "." + MIXED[:30], "a Vault token"),
        ("ASI" + "A4XQ7LMNBT2RWVZ5K", "an AWS access key"),
        ("xoxe." + "xoxb-1-" + MIXED, "a Slack token"),
        ("glrt" + "-" + MIXED[:20], "a GitLab token"),
        ("Ab7" + "8Q~" + MIXED[:34], "an Azure client secret"),
        ("SK" + HEX, "a Twilio key"),
        (HEX + "-us12", "a Mailchimp key"),
        ("sk-" + "ant-api03-" + MIXED, "an API key"),
        ("sk-" + "proj-" + MIXED, "an API key"),
        ("sk-" + MIXED[:20] + "T3Blbk" + "FJ" + MIXED[:20], "an API key"),
        ("718281828:AA" + MIXED[:33], "a Telegram bot token"),
        ("rubygems" + "_" + HEX + HEX[:16], "a RubyGems key"),
        (
            "dt0" + "c01." + "QBWDRFGH2345JKLM6789NPQR." + "QWERTYUP23456789ASDFGHJK" * 2 + "ZXCVBNM98765LKJH",
            "a Dynatrace token",
        ),
        ("PMAK" + "-" + HEX[:24] + "-" + HEX + "a1", "a Postman key"),
        ("ntn" + "_" + (MIXED * 2)[:46], "a Notion token"),
        ("dckr" + "_pat_" + MIXED[:27], "a Docker Hub token"),
        ("NRAK" + "-" + "Q7ZT2LW9XC4VB6NM1KJ8HG3FD5S", "a New Relic key"),
        ("sbp" + "_" + HEX + HEX[:8], "a Supabase key"),
        ("eyJ" + "hbGciOiJSUzI1NiJ9.eyJ" + "zdWIiOiJxN1p0Mkx3OVgifQ." + MIXED, "a JSON web token"),
    ],
    ids=lambda value: value if " " in value else value[:4],
)
def test_a_token_is_known_by_its_form_wherever_it_stands(secret: str, kind: str) -> None:
    for text in (
        secret,
        f"We saw `{secret}` in the log.",
        f'```\nexport X="{secret}"\n```\n',
        f"[a](https://x.example/?k={secret})",
        f"https://x.example/v1/{secret}/send",
        f"--{secret}",
    ):
        found = find_secrets(text)
        assert [(text[each.start : each.end], each.kind) for each in found] == [(secret, kind)]


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("password: Wagon7-Kettle", "Wagon7-Kettle"),
        ("DB_PASSWORD=Wagon7-Kettle\n", "Wagon7-Kettle"),
        ('{"password": "Wagon7-Kettle"}', "Wagon7-Kettle"),
        ("**Password**: `Wagon7-Kettle`.", "Wagon7-Kettle"),
        ("The password was `Wagon7-Kettle`, since changed.", "Wagon7-Kettle"),
        ("api_key = q7Zt2Lw9Xc4Vb6Nm", "q7Zt2Lw9Xc4Vb6Nm"),
        ("api-key: 7f3a9c2e5b8d1046e9a7c3f25d8b0164", "7f3a9c2e5b8d1046e9a7c3f25d8b0164"),
        ("client_secret: q7Zt2Lw9.Xc4Vb6Nm-1Kj8", "q7Zt2Lw9.Xc4Vb6Nm-1Kj8"),
        ("Authorization: Bearer q7Zt2Lw9Xc4Vb6Nm1Kj8", "q7Zt2Lw9Xc4Vb6Nm1Kj8"),
        ("Authorization: Basic YW5uOldhZ29uNy1LZXR0bGU=", "YW5uOldhZ29uNy1LZXR0bGU="),
        ("redis://:Wagon7-Kettle@cache.example.org:6379", "Wagon7-Kettle"),
        ("`postgres://orders:Wagon7-Kettle@db-3/orders`", "Wagon7-Kettle"),
        ("curl -s -u ann:Wagon7-Kettle https://x.example", "Wagon7-Kettle"),
        ("PASSWORD İ password: Wagon7-Kettle", "Wagon7-Kettle"),
        ("the root password is Wagon7-Kettle9", "Wagon7-Kettle9"),
        ("password was Wagon7-Kettle9, since changed", "Wagon7-Kettle9"),
        ("mysql --password Wagon7-Kettle -h db-3", "Wagon7-Kettle"),
        ("tool --db-password 'Wagon7-Kettle'", "Wagon7-Kettle"),
        ("cli --api-key q7Zt2Lw9Xc4Vb6Nm list", "q7Zt2Lw9Xc4Vb6Nm"),
        ("db_pass=Wagon7-Kettle", "Wagon7-Kettle"),
        ("pwd=Wagon7-Kettle", "Wagon7-Kettle"),
        ("Server=db-3;User ID=sa;Pwd=Wagon7-Kettle;Encrypt=yes", "Wagon7-Kettle"),
        (
            "AccountName=acc;AccountKey=q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E/w==;",
            "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E/w==",
        ),
        (
            "SharedAccessKeyName=Root;SharedAccessKey=q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7U=",
            "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7U=",
        ),
        (
            "https://x.example/c?sv=2022&sig=q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E%2Fq7Zt%3D&se=1",
            "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E%2Fq7Zt%3D",
        ),
        ("https://x.example/c?token=q7Zt2Lw9Xc4Vb6Nm1Kj8_3&user=5", "q7Zt2Lw9Xc4Vb6Nm1Kj8_3"),
        ("DD-API-KEY: 7f3a9c2e5b8d1046e9a7c3f25d8b0164", "7f3a9c2e5b8d1046e9a7c3f25d8b0164"),
        ("DD_APPLICATION_KEY=7f3a9c2e5b8d1046e9a7c3f25d8b01647f3a9c2e", "7f3a9c2e5b8d1046e9a7c3f25d8b01647f3a9c2e"),
        ("PagerDuty routing_key: 7f3a9c2e5b8d1046e9a7c3f25d8b0164", "7f3a9c2e5b8d1046e9a7c3f25d8b0164"),
        ("Authorization: Token token=y_NbAk4cR7qTW2UXYEu9", "y_NbAk4cR7qTW2UXYEu9"),
        ("Authorization: token q7Zt2Lw9Xc4Vb6Nm1Kj8", "q7Zt2Lw9Xc4Vb6Nm1Kj8"),
        ("amqp://orders:kettlewagon@mq-1:5672/", "kettlewagon"),
        (
            "aws_secret_access_key = q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E/w+Z",
            "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E/w+Z",
        ),
    ],
)
def test_a_credential_is_known_by_its_place(text: str, secret: str) -> None:
    assert [text[each.start : each.end] for each in find_secrets(text)] == [secret]


def test_a_private_key_is_found_whole() -> None:
    body = "\n".join((MIXED + MIXED)[:64] for _ in range(20))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    text = f"before\n{key}\nafter\n"
    assert [(text[each.start : each.end], each.kind) for each in find_secrets(text)] == [(key, "a private key")]


def test_a_private_key_is_found_behind_a_line_that_looks_made_up() -> None:
    key = f"-----BEGIN PRIVATE KEY-----\n{'abcdefgh' * 8}\n{MIXED}{MIXED}\n-----END PRIVATE KEY-----"
    assert mask_secrets(key).strip("*\n") == ""


def test_a_private_key_that_was_cut_off_is_found_as_far_as_it_goes() -> None:
    body = "\n".join((MIXED + MIXED)[:64] for _ in range(20))
    text = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\nand then the paste ended\n"
    assert take_out_secrets(text)[0] == "[secret removed: private key]\nand then the paste ended\n"


def test_webhooks_are_secrets() -> None:
    text = "https://hooks.slack.com/services/" + "T02AB34CD/B05EF67GH/" + MIXED[:24]
    assert kinds(text) == ["a Slack webhook"]
    assert MIXED[:24] not in mask_secrets(text)


@pytest.mark.parametrize(
    "text",
    [
        "password: xxxxxxxx1A",
        "password: <your-password-1>",
        "password: ********",
        "password: ${DB_PASSWORD_2}",
        "password: $DB_PASSWORD_2",
        "PASSWORD=DB_PASSWORD_2",
        "password: changeme-Now1",
        "password: os.environ['PW1']",
        "password: config.dbPass1",
        "password: The one that everybody knew",
        "password: /run/secrets/db-1",
        "The password was rotated at 10:42.",
        "Passwords: SHA256-hashed, salted",
        "password_hash: Wagon7-Kettle",
        "token: 3f2c1ab9d04e7c5a8b6f1d2e3c4b5a6978877665",
        "token: 6f1e0c3a-2b4d-4e5f-8a9b-0c1d2e3f4a5b",
        "secret: checkout-tls-7d9f8c6b5-x2x4z",
        "Secret `checkout-api-key-v2` was missing",
        "tokens: 120000 per minute",
        "api_key: prod-checkout-key-2024",
        "AKI" + "AIOSFODNN7EXAMPLE",
        "ghp" + "_" + "x" * 36,
        "ghp" + "_your-token-here",
        "commit 3f2c1ab9d04e7c5a8b6f1d2e3c4b5a6978877665",
        "checkout-7d9f8c6b5-x2x4z was evicted",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "![graph](data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAAAAUA" * 20 + ")",
        "https://ann@example.org/a:b@c",
        "postgres://app:app@db/orders",
        "postgres://USER:PASSWORD@HOST/orders",
        "https://git.example.org/a/b@v1:2",
        "Authorization: Bearer $TOKEN",
        "Authorization: Bearer <access-token-from-vault>",
        "Authorization: Basic dXNlcjpwYXNzd29yZA==",
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "The file began with -----BEGIN RSA PRIVATE KEY----- and so was refused.",
        "the key: 2026-05-14T10:02:00Z",
        "Passphrase: correct horse battery staple",
        f"object key-{HEX} of cache-key-{HEX}",
        "The password is Base64-encoded and was SHA256-hashed.",
        "the password is in 1Password-Vault",
        "run it with --password, then --token",
        "mysql --password-file /etc/db-1.Pass",
        "use --token-ttl 30m0s-Max",
        "PASS: TestCheckout/Retry_2x (0.01s)",
        "pwd: /var/lib/postgresql/15-Main",
        "cache key: checkout:v2:7f3a9c2e5b8d1046e9a7c3f25d8b0164",
        "routing key: orders.created.v2",
        "partition key was customer_id_7",
        "https://x.example/?q=sig&signature=none&design=2024-Q3-Final",
        "amqp://orders:orders@mq-1",
        "https://db-3:5432@x",
        "ssh ann@db-3:/var/log",
        "POST /v1/token?page=2 took 4s",
        "[secret removed: password]",
        "password: [secret removed: password]",
        "postgres://orders:[secret removed: password in an address]@db-3",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert find_secrets(text) == ()


def test_masking_keeps_length_and_lines() -> None:
    text = "a\r\npassword: Wagon7-Kettle\r\nb\n"
    assert mask_secrets(text) == "a\r\npassword: *************\r\nb\n"
    assert mask_secrets("nothing here") == "nothing here"


def test_a_masked_text_holds_no_secret() -> None:
    text = f"ghp_{MIXED} password: Wagon7-Kettle https://a:Wagon7-Kettle@b.example"
    assert find_secrets(mask_secrets(text)) == ()


def test_what_is_taken_out_is_said_in_its_place() -> None:
    key = "AKI" + "A4XQ7LMNBT2RWVZ5K"
    text = f"found `{key}` and\r\npassword: Wagon7-Kettle\r\n"
    assert take_out_secrets(text) == (
        "found `[secret removed: AWS access key]` and\r\npassword: [secret removed: password]\r\n",
        ("an AWS access key", "a password"),
    )
    assert take_out_secrets("nothing here") == ("nothing here", ())


def test_an_id_does_not_spell_a_mask_out() -> None:
    assert without_masks("key [secret removed: AWS access key] leaked").split() == ["key", "leaked"]
    assert without_masks("a [note] stays") == "a [note] stays"


SECRETS = (
    "ghp" + "_" + MIXED,
    "AKI" + "A4XQ7LMNBT2RWVZ5K",
    "password: Wagon7-Kettle",
    "password=",
    "token: ",
    "--password ",
    "Bearer q7Zt2Lw9Xc4Vb6Nm1Kj8",
    "redis://:Wagon7-Kettle@cache",
    "SG" + "." + MIXED[:22] + "." + (MIXED + MIXED)[:43],
    "-----BEGIN PRIVATE KEY-----",
    MIXED * 3,
    "-----END PRIVATE KEY-----",
    "https://x.example/?sig=" + MIXED * 2,
    "sk" + "_live_" + MIXED[:24],
    "[secret removed: password]",
)
pieces = st.lists(st.one_of(st.sampled_from(SECRETS), st.text(" \n\"':=@/&?.,;-_aA1", max_size=4)), max_size=9)


@given(pieces.map("".join))
def test_what_comes_out_holds_no_secret_and_stays_as_it_is(text: str) -> None:
    cleaned, kinds = take_out_secrets(text)
    assert find_secrets(cleaned) == ()
    assert take_out_secrets(cleaned) == (cleaned, ())
    assert bool(kinds) == (cleaned != text)


def test_ids_hashes_and_links_of_incidents_are_no_secrets() -> None:
    """Random ones, many of each: a shape that catches one in ten thousand would catch one a week."""
    chance = random.Random(7)
    letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def mixed(size: int) -> str:
        return "".join(chance.choices(letters, k=size))

    def digits(size: int) -> str:
        return "".join(chance.choices("0123456789", k=size))

    for _ in range(300):
        some = chance.randbytes(32)
        sentences = (
            f"commit {some.hex()[:40]}, deployed as {some.hex()[:7]}",
            f"trace_id={some.hex()[:32]} span={some.hex()[:16]}",
            f"request {uuid.UUID(bytes=some[:16])} failed",
            f"image sha256:{some.hex()}",
            f"https://grafana.example.org/d/{mixed(9)}/api?orgId=1&from={digits(13)}&to=now&var-pod={mixed(8)}&refresh=30s",
            f"arn:aws:iam::{digits(12)}:role/{mixed(8)}-{mixed(12)}",
            f"integrity sha512-{base64.b64encode(some + some).decode()}",
            f"pod checkout-{some.hex()[:10]}-{mixed(5).lower()}",
            f"data:image/png;base64,{base64.b64encode(some * 8).decode()}",
            f"https://example.slack.com/archives/C0{mixed(9).upper()}/p{digits(16)}",
            f"https://docs.example.org/document/d/{mixed(44)}/edit#heading=h.{mixed(12).lower()}",
            f"https://sentry.example.org/issues/{digits(10)}/events/{some.hex()[:32]}/",
            f"i-{some.hex()[:17]} lost vol-{some.hex()[17:34]} in eu-west-1a",
            f"key {mixed(12)} was evicted, lock token {some.hex()[:8]} expired",
        )
        for sentence in sentences:
            assert find_secrets(sentence) == (), sentence


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("", "a"),
        ("", "password="),
        ("", "token: "),
        ("", "eyJ"),
        ("", "-----BEGIN PRIVATE KEY-----"),
        ("", "://a:b"),
        (" xoxb-", "a-"),
        ("", "bearer "),
        ("", "--password "),
        ("", "password is "),
        ("", "authorization: token "),
        ("", "?sig=&"),
        ("", "sk-us12SK"),
    ],
)
def test_time_is_linear_in_the_text(start: str, words: str) -> None:
    assert_grows_linearly(lambda size: start + (words * size)[:size], find_secrets, 200_000)
