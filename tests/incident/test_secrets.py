"""What is a credential by its shape, and what only looks like one. The samples are put together here, so that no scanner finds them."""

import pytest

from incidentctl.incident.secrets import find_secrets, mask_secrets
from tests.growth import assert_grows_linearly

MIXED = "q7Zt2Lw9Xc4Vb6Nm1Kj8Hg3Fd5Sa0Pr7Uy2E"


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
    ],
)
def test_a_credential_is_known_by_its_place(text: str, secret: str) -> None:
    assert [text[each.start : each.end] for each in find_secrets(text)] == [secret]


def test_a_private_key_is_found_whole() -> None:
    body = "\n".join((MIXED + MIXED)[:64] for _ in range(20))
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----"
    text = f"before\n{key}\nafter\n"
    assert [(text[each.start : each.end], each.kind) for each in find_secrets(text)] == [(key, "a private key")]


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
    ],
)
def test_time_is_linear_in_the_text(start: str, words: str) -> None:
    assert_grows_linearly(lambda size: start + (words * size)[:size], find_secrets, 200_000)
