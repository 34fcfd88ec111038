"""What in a text has the shape of a credential. Finds and masks; never keeps, shows or tries one.

Precision comes before recall: placeholders, hashes, ids and names of variables are none. Time is linear in the text.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final, NamedTuple


class Secret(NamedTuple):
    """A piece of a text, by offsets, and what it looks like, with its article: `an AWS access key`."""

    start: int
    end: int
    kind: str


class _Token(NamedTuple):
    """A credential that is known by its form. `needles` are tried first: one of them is in every text that holds one."""

    kind: str
    needles: tuple[str, ...]
    pattern: re.Pattern[str]


def _token(kind: str, needles: str, pattern: str) -> _Token:
    return _Token(kind, tuple(needles.split()), re.compile(rf"(?<![A-Za-z0-9_/+-])(?:{pattern})(?![A-Za-z0-9_])"))


_TOKENS: Final = (
    _token("an AWS access key", "AKIA ASIA", "(?:AKIA|ASIA)[A-Z2-7]{16}"),
    _token("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", "gh[pousr]_[A-Za-z0-9]{36,255}"),
    _token("a GitHub token", "github_pat_", "github_pat_[A-Za-z0-9_]{50,255}"),
    _token(
        "a GitLab token", "glpat- glptt- gldt- glrt- glcbt- glsoat-", r"gl(?:pat|ptt|dt|rt|cbt|soat)-[\w.-]{20,255}"
    ),
    _token("a Slack token", "xoxa- xoxb- xoxp- xoxs- xoxr- xoxo- xapp-", "(?:xox[abposr]|xapp)-[0-9A-Za-z-]{20,255}"),
    _token(
        "a Stripe key",
        "sk_live_ rk_live_ sk_test_ rk_test_ whsec_",
        r"(?:[sr]k_(?:live|test)_|whsec_)[0-9A-Za-z]{20,255}",
    ),
    _token("an npm token", "npm_", "npm_[A-Za-z0-9]{36}"),
    _token("a PyPI token", "pypi-AgE", r"pypi-AgE[\w-]{50,1000}"),
    _token("a Google API key", "AIza", r"AIza[\w-]{35}"),
    _token("a Google client secret", "GOCSPX-", r"GOCSPX-[\w-]{28}"),
    _token("a Google access token", "ya29.", r"ya29\.[\w-]{50,1000}"),
    _token("a SendGrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _token("an API key", "sk-ant- sk-proj- sk-or-v1-", r"sk-(?:ant|proj|or-v1)-[\w-]{32,255}"),
    _token("a DigitalOcean token", "dop_v1_ doo_v1_", "do[op]_v1_[0-9a-f]{64}"),
    _token("a Vault token", "hvs. hvb.", r"hv[sb]\.[\w-]{24,300}"),
    _token("a Docker Hub token", "dckr_pat_", r"dckr_pat_[\w-]{27,60}"),
    _token("a Databricks token", "dapi", "dapi[0-9a-f]{32}"),
    _token("a Shopify token", "shpat_ shpca_ shppa_ shpss_", "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("a Hugging Face token", "hf_", "hf_[A-Za-z]{34}"),
    _token("a Grafana token", "glsa_ glc_", r"(?:glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{50,400}={0,2})"),
    _token("a New Relic key", "NRAK-", "NRAK-[A-Z0-9]{27}"),
    _token("a Linear key", "lin_api_", "lin_api_[A-Za-z0-9]{40}"),
    _token("a Telegram bot token", ":AA", r"[0-9]{8,10}:AA[\w-]{33}"),
    _token("an age secret key", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _token("a JSON web token", "eyJ", r"eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{20,2000}"),
)
_WEBHOOKS: Final = (
    (
        "a Slack webhook",
        "hooks.slack.com/",
        re.compile(r"(?:services|workflows|triggers)/(?:[A-Za-z0-9]+/){2,3}[A-Za-z0-9]{20,64}"),
    ),
    ("a Discord webhook", "/api/webhooks/", re.compile(r"[0-9]{17,20}/[\w-]{60,80}")),
)
_PRIVATE_KEY: Final = re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY: Final = re.compile(r"[A-Za-z0-9+/]{40}")
_KEY_WINDOW: Final = 16_000

_PASSWORD: Final = "a password"
_API_KEY: Final = "an API key"
_ACCESS_TOKEN: Final = "an access token"
_KEYS: Final = (
    ("passw", ("ord", "d"), (), _PASSWORD),
    ("passphrase", (), (), _PASSWORD),
    ("pwd", (), (" pwd", "_pwd", "-pwd", "\npwd", "'pwd", '"pwd'), _PASSWORD),
    ("key", (), tuple(f"{word}{sign}key" for word in ("api", "secret", "access", "account") for sign in ("_", "-", " ", "")), _API_KEY),
    ("token", (), tuple(f"{word}{sign}token" for word in ("access", "auth", "api", "refresh") for sign in ("_", "-", "")), _ACCESS_TOKEN),
    ("token", (), (), "a token"),
    ("secret", (), tuple(f"client{sign}secret" for sign in ("_", "-", "")), _API_KEY),
    ("secret", (), (), "a secret"),
    ("credential", (), (), "a secret"),
)  # fmt: skip
"""A root that is looked for, the ends of the word of which one has to follow, the words of which it has to be the end, and the kind."""
_VALUE: Final = re.compile(
    r"""["'`*_]{0,3}[ \t]{0,3}(?:=>|:=|[:=])[ \t]{0,3}["'`*]{0,3}(?P<value>[^\s"'`<>|,;]{8,300})"""
    r"""|[ \t]{1,3}(?:is|was)[:]?[ \t]{1,3}["'`](?P<quoted>[^\s"'`<>|,;]{8,300})["'`]""",
)
_BEARER: Final = re.compile(r"bearer[ \t]{1,3}([\w.~+/-]{16,4000}={0,2})", re.IGNORECASE)
_BASIC: Final = re.compile(
    r"authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?basic[ \t]{1,3}([A-Za-z0-9+/]{8,400}={0,2})", re.IGNORECASE
)
_IN_URL: Final = re.compile(r"""://[^\s/:@'"`<>()\[\]{}|]{0,64}:([^\s/@'"`<>()\[\]{}|]{3,128})@[\w\[-]""")
_CURL: Final = re.compile(r"""curl[ \t][^\n]{0,200}?[ \t](?:-u|--user)[ =]["']?[^\s:"']{1,64}:([^\s"'@/]{6,128})""")

_MADE_UP: Final = re.compile(
    r"example|placeholder|redacted|removed|change.?me|dummy|sample|fake|your|xxx|\*\*|\.\.\.|…|•|todo|insert|replace|hidden|masked"
    r"|foobar|secret|passw|token|credential|12345|abcde|qwert|hunter2|letmein|default",
    re.IGNORECASE,
)
_MADE_UP_TOKEN: Final = re.compile(
    r"example|placeholder|redacted|your[_-]|xxxx|\*\*|\.\.\.|…|123456789|abcdefgh|0123456|(.)\1{5}", re.IGNORECASE
)
_VARIABLE: Final = re.compile(r"[$%@#&]|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|.*[$#%]\{|.*\$\(|\w+(?:\.[A-Za-z_]\w*)+$")
_NAME: Final = re.compile(r"[a-z0-9]+(?:[-._/:][a-z0-9]+)+$|[a-z]+(?:[A-Z][a-z]+)+\d?$|[A-Za-z]+\d{0,4}$")
_PATH: Final = re.compile(r"[~.]{0,2}/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*:")
_BRACKET: Final = re.compile(r"[()\[\]{}<>]")
_HEX: Final = re.compile(r"(?:0x)?[0-9a-fA-F]+$")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
_ALGORITHM: Final = re.compile(
    r"sha-?\d|md5|bcrypt|argon|pbkdf|scrypt|aes-?\d|rsa-?\d|hmac|oauth|saml|ed25519|\$2[aby]\$", re.IGNORECASE
)


@lru_cache(2)  # the rule and the masking of what is shown ask for the same text one after the other
def find_secrets(text: str) -> tuple[Secret, ...]:
    """All that looks like a credential, in order; none overlaps another."""
    found = sorted({*_tokens(text), *_private_keys(text), *_webhooks(text), *_in_addresses(text), *_behind_keys(text)})
    kept: list[Secret] = []
    for secret in found:
        if not kept or secret.start >= kept[-1].end:
            kept.append(secret)
        elif secret.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=secret.end)
    return tuple(kept)


def mask_secrets(text: str) -> str:
    """The text with every sign of a credential replaced by `*`; as long as it was, and with the same lines."""
    pieces: list[str] = []
    done = 0
    for secret in find_secrets(text):
        hidden = re.sub(r"[^\r\n]", "*", text[secret.start : secret.end])
        pieces += (text[done : secret.start], hidden)
        done = secret.end
    return "".join((*pieces, text[done:])) if pieces else text


# --------------------------------------------------------------------------------------------------- known by its form


def _tokens(text: str) -> Iterator[Secret]:
    # Each has at least 20 signs and no blank: among such words the needles are found at a tenth of the cost.
    long_words = " ".join([word for word in text.split() if len(word) >= 20])
    if not long_words:
        return
    for kind, needles, pattern in _TOKENS:
        if any(needle in long_words for needle in needles):
            for match in pattern.finditer(text):
                if not _is_made_up_token(match[0]):
                    yield Secret(match.start(), match.end(), kind)


def _is_made_up_token(word: str) -> bool:
    return len(set(word)) < 12 or _MADE_UP_TOKEN.search(word) is not None


def _private_keys(text: str) -> Iterator[Secret]:
    if "PRIVATE KEY" not in text:
        return
    done = 0
    for match in _PRIVATE_KEY.finditer(text):
        if match.start() < done:
            continue
        body = _KEY_BODY.search(text, match.end(), match.end() + 500)
        if body is None or _MADE_UP_TOKEN.search(body[0]):
            continue
        end = text.find("-----END", body.end(), match.end() + _KEY_WINDOW)
        stop = text.find("-----", end + 8, end + 60) if end >= 0 else -1
        done = stop + 5 if stop >= 0 else body.end()
        yield Secret(match.start(), done, "a private key")


def _webhooks(text: str) -> Iterator[Secret]:
    for kind, needle, pattern in _WEBHOOKS:
        for at in _places(text, needle):
            match = pattern.match(text, at + len(needle))
            if match and not _is_made_up_token(match[0]):
                yield Secret(match.start(), match.end(), kind)


# --------------------------------------------------------------------------------------------------- known by its place


def _in_addresses(text: str) -> Iterator[Secret]:
    if "@" in text:
        for at in _places(text, "://"):
            match = _IN_URL.match(text, at)
            if match and _is_password(match[1], text[at + 3 : match.start(1) - 1], least=6):
                yield Secret(match.start(1), match.end(1), "a password in an address")
    for at in _places(text, "curl"):
        match = _CURL.match(text, at)
        if match and _is_password(match[1], least=6):
            yield Secret(match.start(1), match.end(1), _PASSWORD)


def _behind_keys(text: str) -> Iterator[Secret]:
    # The one letter whose small form is two characters would shift all that follows.
    small = text.replace("İ", "i").lower()
    if "bearer" in small:
        yield from _found(_BEARER, text, _places(small, "bearer"), _ACCESS_TOKEN, _is_bearer)
    if "authorization" in small:
        yield from _found(_BASIC, text, _places(small, "authorization"), _PASSWORD, _is_basic)
    for root, endings, words, kind in _KEYS:
        is_secret = _CHECKS[kind]
        done = 0
        for at in _places(small, root):
            end = at + len(root)
            if at < done or (words and not small.endswith(words, 0, end)):
                continue
            if endings:
                ending = next((each for each in endings if small.startswith(each, end)), None)
                if ending is None:
                    continue
                end += len(ending)
            match = _VALUE.match(text, end)
            if match is None:
                continue
            done = match.end()
            group = "value" if match["value"] else "quoted"
            value = match[group].rstrip(").:*_\\")
            if (group == "value" or kind == _PASSWORD) and is_secret(value):
                yield Secret(match.start(group), match.start(group) + len(value), kind)


def _found(
    pattern: re.Pattern[str], text: str, places: Iterable[int], kind: str, is_secret: Callable[[str], bool]
) -> Iterator[Secret]:
    for at in places:
        match = pattern.match(text, at)
        if match and is_secret(match[1]):
            yield Secret(match.start(1), match.end(1), kind)


def _places(text: str, needle: str) -> Iterator[int]:
    at = text.find(needle)
    while at >= 0:
        yield at
        at = text.find(needle, at + len(needle))


# ------------------------------------------------------------------------------------------------- what a value is like


def _kinds_of_signs(value: str) -> int:
    return (
        any(sign.islower() for sign in value)
        + any(sign.isupper() for sign in value)
        + any(sign.isdecimal() for sign in value)
        + any(not sign.isalnum() for sign in value)
    )


def _is_random(value: str, *, least: int) -> bool:
    """Whether it has letters, digits and many different signs, as nothing that people read has."""
    digits = sum(sign.isdecimal() for sign in value)
    letters = sum(sign.isalpha() for sign in value)
    return len(value) >= least and digits >= 2 and letters >= 4 and len(set(value)) >= min(10, least * 2 // 3)


def _says_nothing(value: str) -> bool:
    """Whether it is a placeholder, a variable, a piece of code, a path, a time or the name of something."""
    return (
        len(set(value)) < 5
        or not value.isascii()
        or _BRACKET.search(value) is not None
        or _MADE_UP.search(value) is not None
        or _VARIABLE.match(value) is not None
        or _PATH.match(value) is not None
        or _UUID.match(value) is not None
        or _TIME.match(value) is not None
        or _ALGORITHM.search(value) is not None
    )


def _is_password(value: str, user: str = "", *, least: int = 8) -> bool:
    if len(value) < least or value.casefold() == user.casefold() or _says_nothing(value) or _NAME.match(value):
        return False
    kinds = _kinds_of_signs(value)
    has_digit = any(sign.isdecimal() for sign in value)
    return has_digit and (kinds >= 3 or (len(value) >= 16 and kinds >= 2) or (least < 8 and kinds >= 2))


def _is_api_key(value: str) -> bool:
    if _says_nothing(value) or _NAME.match(value):
        return False
    return _is_random(value, least=24 if _HEX.match(value) else 16)


def _is_token(value: str) -> bool:
    if _says_nothing(value) or _NAME.match(value) or _HEX.match(value):
        return False
    return _is_random(value, least=20) and _kinds_of_signs(value) >= 3


def _is_bearer(value: str) -> bool:
    return not _HEX.match(value) and _is_random(value, least=16) and not _says_nothing(value) and not _NAME.match(value)


def _is_basic(value: str) -> bool:
    try:
        words = b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return False
    user, colon, password = words.partition(":")
    return bool(colon) and len(password) >= 6 and password != user and _MADE_UP.search(password) is None


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    _PASSWORD: _is_password,
    _API_KEY: _is_api_key,
    _ACCESS_TOKEN: _is_api_key,
    "a token": _is_token,
    "a secret": _is_token,
}
