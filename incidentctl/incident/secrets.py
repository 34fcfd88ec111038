"""What in a text has the shape of a credential. Finds, masks and takes out; never keeps, shows or tries one.

Precision comes before recall: placeholders, hashes, ids and names of variables are none. Time is linear in the text.
Every word that is written passes here, so a text without a sign of a credential needs no pattern: those that are needed
are compiled then.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple


class Secret(NamedTuple):
    """A piece of a text, by offsets, and what it looks like, with its article: `an AWS access key`."""

    start: int
    end: int
    kind: str


class _Pattern:
    """A regular expression that is compiled when it is first asked: all of them together take longer than a whole command."""

    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]
    finditer: Callable[..., Iterator[re.Match[str]]]

    def __init__(self, expression: str, flags: int = 0) -> None:
        self._expression = expression
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._expression, self._flags)
        self.match, self.search, self.finditer = compiled.match, compiled.search, compiled.finditer
        return getattr(compiled, name)


class _Token(NamedTuple):
    """A credential that is known by its form. `needles` are tried first: one of them is in every text that holds one."""

    kind: str
    needles: tuple[str, ...]
    pattern: _Pattern


def _token(kind: str, needles: str, pattern: str) -> _Token:
    return _Token(kind, tuple(needles.split()), _Pattern(rf"(?<![A-Za-z0-9_])(?:{pattern})(?![A-Za-z0-9_])"))


_TOKENS: Final = (
    _token("an AWS access key", "AKIA ASIA ABIA ACCA", "A(?:KI|SI|BI|CC)A[A-Z2-7]{16}"),
    _token("an AWS Bedrock key", "ABSK", "ABSK[A-Za-z0-9+/]{100,300}={0,2}"),
    _token("a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", "gh[pousr]_[A-Za-z0-9]{36,255}"),
    _token("a GitHub token", "github_pat_", "github_pat_[A-Za-z0-9_]{50,255}"),
    _token(
        "a GitLab token",
        "glpat- glptt- gldt- glrt- glcbt- glsoat- glagent- glft- glimt- gloas-",
        r"gl(?:pat|ptt|dt|rt|cbt|soat|agent|ft|imt|oas)-[\w.-]{20,255}",
    ),
    _token(
        "a Slack token",
        "xoxa- xoxb- xoxp- xoxs- xoxr- xoxo- xoxe- xoxe. xapp-",
        r"(?:xoxe\.)?(?:xox[abeposr]|xapp)-[0-9A-Za-z-]{20,255}",
    ),
    _token(
        "a Stripe key",
        "sk_live_ rk_live_ sk_test_ rk_test_ whsec_",
        r"(?:[sr]k_(?:live|test)_|whsec_)[0-9A-Za-z]{20,255}",
    ),
    _token("an npm token", "npm_", "npm_[A-Za-z0-9]{36}"),
    _token("a PyPI token", "pypi-AgE", r"pypi-AgE[\w-]{50,1000}"),
    _token("a RubyGems key", "rubygems_", "rubygems_[0-9a-f]{48}"),
    _token("a Google API key", "AIza", r"AIza[\w-]{35}"),
    _token("a Google client secret", "GOCSPX-", r"GOCSPX-[\w-]{28}"),
    _token("a Google access token", "ya29.", r"ya29\.[\w-]{50,1000}"),
    _token("an Azure client secret", "Q~", r"[\w~.]{3}[0-9]Q~[\w~.-]{31,34}"),
    _token("a SendGrid key", "SG.", r"SG\.[\w-]{22}\.[\w-]{43}"),
    _token("a Twilio key", "SK", "SK[0-9a-f]{32}"),
    _token("a Mailchimp key", "-us", "[0-9a-f]{32}-us[0-9]{1,2}"),
    _token("a Brevo key", "xkeysib-", "xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    _token(
        "an API key",
        "sk-ant- sk-proj- sk-or-v1- sk-svcacct- sk-admin-",
        r"sk-(?:ant|proj|or-v1|svcacct|admin)-[\w-]{32,255}",
    ),
    _token("an API key", "T3BlbkFJ", r"sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}"),
    _token(
        "an API key",
        "gsk_ xai- pplx- r8_",
        "(?:gsk_[A-Za-z0-9]{48,56}|xai-[A-Za-z0-9]{70,90}|pplx-[A-Za-z0-9]{48}|r8_[A-Za-z0-9]{37})",
    ),
    _token("a DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", "do[opr]_v1_[0-9a-f]{64}"),
    _token("a Heroku key", "HRKU-", r"HRKU-[\w-]{36,80}"),
    _token("a Vault token", "hvs. hvb.", r"hv[sb]\.[\w-]{24,300}"),
    _token("a Terraform token", ".atlasv1.", r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,70}"),
    _token("a Pulumi token", "pul-", "pul-[0-9a-f]{40}"),
    _token("a Doppler token", "dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}"),
    _token("a 1Password token", "ops_eyJ", "ops_eyJ[A-Za-z0-9+/]{200,4000}={0,3}"),
    _token("a Docker Hub token", "dckr_pat_ dckr_oat_", r"dckr_[po]at_[\w-]{27,60}"),
    _token("a Databricks token", "dapi", "dapi[0-9a-f]{32}"),
    _token("a PlanetScale token", "pscale_", r"pscale_(?:pw|tkn|oauth)_[\w.-]{32,64}"),
    _token("a Supabase key", "sbp_ sb_secret_", r"(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{31})"),
    _token("a Shopify token", "shpat_ shpca_ shppa_ shpss_", "shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    _token("a Square token", "sq0csp- sq0atp-", r"sq0(?:csp|atp)-[\w-]{22,43}"),
    _token("a Hugging Face token", "hf_", "hf_[A-Za-z]{34}"),
    _token("a Grafana token", "glsa_ glc_", r"(?:glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{50,400}={0,2})"),
    _token("a New Relic key", "NRAK-", "NRAK-[A-Z0-9]{27}"),
    _token("a Dynatrace token", "dt0", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}"),
    _token(
        "a Sentry token", "sntrys_ sntryu_", r"(?:sntrys_[A-Za-z0-9+/=]{60,400}_[A-Za-z0-9+/]{43}|sntryu_[0-9a-f]{64})"
    ),
    _token("an Atlassian token", "ATATT3 ATCTT3", r"AT[AC]TT3[\w=-]{100,250}"),
    _token("a Notion token", "ntn_", "ntn_[A-Za-z0-9]{40,50}"),
    _token("a Postman key", "PMAK-", "PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    _token("a CircleCI token", "CCIPAT_", r"CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}"),
    _token("a Figma token", "figd_", r"figd_[\w-]{40,48}"),
    _token("a Linear key", "lin_api_", "lin_api_[A-Za-z0-9]{40}"),
    _token("a Telegram bot token", ":AA", r"(?:bot)?[0-9]{8,10}:AA[\w-]{33}"),
    _token("an age secret key", "AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _token("a JSON web token", "eyJ", r"eyJ[\w-]{10,4000}\.eyJ[\w-]{10,8000}\.[\w-]{20,2000}"),
)
_WEBHOOKS: Final = (
    (
        "a Slack webhook",
        "hooks.slack.com/",
        _Pattern(r"(?:services|workflows|triggers)/(?:[A-Za-z0-9]+/){2,3}[A-Za-z0-9]{20,64}"),
    ),
    ("a Discord webhook", "/api/webhooks/", _Pattern(r"[0-9]{17,20}/[\w-]{60,80}")),
)
_PRIVATE_KEY: Final = _Pattern(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_BODY: Final = _Pattern(r"[A-Za-z0-9+/]{40}")
_KEY_REST: Final = _Pattern(
    r"[A-Za-z0-9+/=]*(?:[\s\\n]{0,4}[A-Za-z0-9+/=]{40,}){0,400}(?:[\s\\n]{0,4}[A-Za-z0-9+/]{1,80}={1,2})?"
)
_KEY_WINDOW: Final = 16_000

_PASSWORD: Final = "a password"
_API_KEY: Final = "an API key"
_ACCESS_TOKEN: Final = "an access token"
_SIGNATURE: Final = "a signature in an address"
_KINDS_OF_KEY: Final = (
    "api", "app", "application", "secret", "access", "account", "routing", "integration", "signing", "encryption", "master", "private",
    "service",
)  # fmt: skip
_KEYS: Final = (
    ("passw", ("ord", "d"), (), _PASSWORD),
    ("passphrase", (), (), _PASSWORD),
    ("pwd", (), ("pwd",), _PASSWORD),
    ("pass", (), ("_pass", "-pass"), _PASSWORD),
    ("key", (), tuple(f"{word}{sign}key" for word in _KINDS_OF_KEY for sign in ("_", "-", " ", "")), _API_KEY),
    ("token", (), tuple(f"{word}{sign}token" for word in ("access", "auth", "api", "refresh") for sign in ("_", "-", "")), _ACCESS_TOKEN),
    ("token", (), (), "a token"),
    ("secret", (), tuple(f"client{sign}secret" for sign in ("_", "-", "")), _API_KEY),
    ("secret", (), (), "a secret"),
    ("credential", (), (), "a secret"),
    ("sig", (), ("?sig", "&sig"), _SIGNATURE),
)  # fmt: skip
"""A root that is looked for, the ends of the word of which one has to follow, the words of which it has to be the end, and the kind."""
_VALUE: Final = _Pattern(
    r"""["'`*_]{0,3}[ \t]{0,3}(?:=>|:=|[:=])[ \t]{0,3}["'`*]{0,3}(?P<value>[^\s"'`<>|,;]{8,300})"""
    r"""|[ \t]{1,3}(?:is|was)[:]?[ \t]{1,3}["'`](?P<quoted>[^\s"'`<>|,;]{8,300})["'`]"""
    r"""|[ \t]{1,3}(?:is|was)[:]?[ \t]{1,3}(?P<said>[^\s"'`<>|,;]{8,300})"""
    r"""|[ \t]{1,3}["']?(?P<argument>[^\s"'`<>|,;-][^\s"'`<>|,;]{7,300})""",
)
_COMPOUND: Final = _Pattern(r"[A-Za-z]+[0-9]*(?:-[A-Za-z]+)+\W*$")
_BEARER: Final = _Pattern(r"bearer[ \t]{1,3}([\w.~+/-]{16,4000}={0,2})", re.IGNORECASE)
_SCHEME: Final = _Pattern(
    r"authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?(?:token|apikey|geniekey|splunk)[ \t]{1,3}(?:token=)?([\w.~+/-]{16,400}={0,2})",
    re.IGNORECASE,
)
_BASIC: Final = _Pattern(
    r"authorization[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?basic[ \t]{1,3}([A-Za-z0-9+/]{8,400}={0,2})", re.IGNORECASE
)
_IN_URL: Final = _Pattern(r"""://[^\s/:@'"`<>()\[\]{}|]{0,64}:([^\s/@'"`<>()\[\]{}|]{3,128})@[\w\[-]""")
_CURL: Final = _Pattern(r"""curl[ \t][^\n]{0,200}?[ \t](?:-u|--user)[ =]["']?[^\s:"']{1,64}:([^\s"'@/]{6,128})""")

_REMOVED: Final = re.compile(r"\[secret removed: [^\]]{1,40}\]")
_MADE_UP: Final = _Pattern(
    r"example|placeholder|redacted|removed|change.?me|dummy|sample|fake|your|xxx|\*\*|\.\.\.|…|•|todo|insert|replace|hidden|masked"
    r"|foobar|secret|passw|token|credential|12345|abcde|qwert|hunter2|letmein|default",
    re.IGNORECASE,
)
_MADE_UP_TOKEN: Final = _Pattern(
    r"example|placeholder|redacted|your[_-]|xxxx|\*\*|\.\.\.|…|123456789|abcdefgh|0123456|(.)\1{5}", re.IGNORECASE
)
_VARIABLE: Final = _Pattern(r"[$%@#&]|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$|.*[$#%]\{|.*\$\(|\w+(?:\.[A-Za-z_]\w*)+$")
_NAME: Final = _Pattern(r"[a-z0-9]+(?:[-._/:][a-z0-9]+)+$|[a-z]+(?:[A-Z][a-z]+)+\d?$|[A-Za-z]+\d{0,4}$")
_PATH: Final = _Pattern(r"[~.]{0,2}/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*:")
_BRACKET: Final = _Pattern(r"[()\[\]{}<>]")
_HEX: Final = _Pattern(r"(?:0x)?[0-9a-fA-F]+$")
_UUID: Final = _Pattern(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$")
_TIME: Final = _Pattern(r"\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}")
_ALGORITHM: Final = _Pattern(
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


def take_out_secrets(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with words in the place of each credential, as `[secret removed: AWS access key]`, and what each looked like.

    What comes out holds none any more, so once more changes nothing.
    """
    kinds: list[str] = []
    while found := find_secrets(text):
        pieces: list[str] = []
        done = 0
        for secret in found:
            pieces += (text[done : secret.start], f"[secret removed: {secret.kind.partition(' ')[2]}]")
            kinds.append(secret.kind)
            done = secret.end
        text = "".join((*pieces, text[done:]))
    return text, tuple(kinds)


def without_masks(text: str) -> str:
    """The text without the words that stand for credentials: for an id, which should not spell them out."""
    return _REMOVED.sub(" ", text)


# --------------------------------------------------------------------------------------------------- known by its form


def _tokens(text: str) -> Iterator[Secret]:
    # Each has at least 20 signs and no blank: the needles are looked for in such words alone, which are few.
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
        bodies = _KEY_BODY.finditer(text, match.end(), match.end() + 500)
        body = next((each for each in bodies if not _MADE_UP_TOKEN.search(each[0])), None)
        if body is None:
            continue
        end = text.find("-----END", body.end(), match.end() + _KEY_WINDOW)
        stop = text.find("-----", end + 8, end + 60) if end >= 0 else -1
        rest = _KEY_REST.match(text, body.end(), match.end() + _KEY_WINDOW)
        done = stop + 5 if stop >= 0 else rest.end() if rest else body.end()
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
            if match and _is_password_in_address(match[1], text[at + 3 : match.start(1) - 1]):
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
        yield from _found(_SCHEME, text, _places(small, "authorization"), _ACCESS_TOKEN, _is_bearer)
    for root, endings, words, kind in _KEYS:
        is_secret = _CHECKS[kind]
        done = 0
        for at in _places(small, root):
            end = at + len(root)
            if at < done or (words and not small.endswith(words, max(0, end - 24), end)):
                continue
            if root == "pwd" and small[max(0, at - 1) : at].isalnum():
                continue
            if endings:
                ending = next((each for each in endings if small.startswith(each, end)), None)
                if ending is None:
                    continue
                end += len(ending)
            match = _VALUE.match(text, end)
            if match is None:
                continue
            group = match.lastgroup or "value"
            if group == "argument" and not _begins_option(text, at):
                continue
            done = match.end()
            value = match[group].rstrip(").:*_\\")
            if text[max(0, at - 1) : at] in ("?", "&"):
                value = value.partition("&")[0]  # of an address with more behind it
            is_meant = group in ("value", "argument") or kind == _PASSWORD
            if is_meant and is_secret(value) and not (group == "said" and _COMPOUND.match(value)):
                yield Secret(match.start(group), match.start(group) + len(value), kind)


def _begins_option(text: str, at: int) -> bool:
    """Whether the word around a place is an option of a command, as in `--db-password VALUE`."""
    word = text[max(0, at - 40) : at].rpartition("--")
    return bool(word[1]) and word[2].replace("-", "").replace("_", "").isalnum() | (not word[2])


def _found(
    pattern: _Pattern, text: str, places: Iterable[int], kind: str, is_secret: Callable[[str], bool]
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


def _is_password_in_address(value: str, user: str) -> bool:
    """Its place says what it is: words alone can be one there."""
    if _is_password(value, user, least=6):
        return True
    return (
        len(value) >= 8 and value.casefold() != user.casefold() and not value.isdecimal() and not _says_nothing(value)
    )


def _is_signature(value: str) -> bool:
    return len(value) >= 40 and _is_random(value, least=40) and _MADE_UP.search(value) is None


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
    import binascii
    from base64 import b64decode

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
    _SIGNATURE: _is_signature,
}
