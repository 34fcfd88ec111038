"""Sends to chats and by mail through apprise, by our rules: no redirection, no retry, bounded answers, nothing logged, no plugin of others.

Loaded only where such a target is sent to: it takes half a second.
"""

import logging
import threading
import time
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from incidentctl.errors import UsageError
from incidentctl.store.delivery import MAIL, SCHEMES, Delivery, Message, Outcome, judged, scheme_of

_MISSING: Final = "this kind of target needs apprise, which is not installed"
_WAY_OUT: Final = "pipx install 'incidentctl[notify]'; json:// and jsons:// do without"
_LARGEST_ANSWER: Final = 1 << 16
_MARKDOWN_LINES: Final = frozenset({"workflow", "workflows", "wxteams", "webex"})
"""These read text as Markdown, where only an empty line begins a new one."""
_NOT_IN_AN_ADDRESS: Final = ("template", "attach", "config", "store")
"""Options of an address that make the library read or write files."""

try:
    import apprise
    import requests
except ImportError:
    raise UsageError(_MISSING, hint=_WAY_OUT) from None


class _Seen(threading.local):
    """What the requests of this thread came to."""

    def __init__(self) -> None:
        self.until = 0.0
        self.answers: list[Delivery] = []


_seen = _Seen()


class _BoundedSession(requests.sessions.Session):
    """What the library's plugins send with: never to another place, never for longer, never more than a little read."""

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> Any:
        if not _seen.until:  # not one of ours
            return super().request(method, url, *arguments, **options)
        left = _seen.until - time.monotonic()
        if left <= 0:
            _seen.answers.append(Delivery(Outcome.NOT_TAKEN, "it cannot be reached in time"))
            raise requests.exceptions.ConnectTimeout
        options |= {"allow_redirects": False, "stream": True, "timeout": (left, left)}
        try:
            answer = super().request(method, url, *arguments, **options)
        except requests.exceptions.ReadTimeout:
            _seen.answers.append(Delivery(Outcome.UNKNOWN, "no answer in time"))
            raise
        except requests.exceptions.ConnectTimeout:
            _seen.answers.append(Delivery(Outcome.NOT_TAKEN, "it cannot be reached in time"))
            raise
        except requests.exceptions.SSLError:
            _seen.answers.append(Delivery(Outcome.NOT_TAKEN, "its certificate or TLS is not right"))
            raise
        except requests.exceptions.ConnectionError as error:
            never = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
            why = "it cannot be reached" if never else "the connection broke"
            _seen.answers.append(Delivery(Outcome.NOT_TAKEN if never else Outcome.UNKNOWN, why))
            raise
        _seen.answers.append(judged(answer.status_code, answer.headers.get("Retry-After")))
        answer._content, answer._content_consumed = self._beginning(answer), True
        return answer

    def _beginning(self, answer: Any) -> bytes:
        """The first bytes of an answer; its status has said already what became of it."""
        content = b""
        try:
            for chunk in answer.iter_content(4096):
                content += chunk
                if len(content) >= _LARGEST_ANSWER or time.monotonic() > _seen.until:
                    break
        except (requests.exceptions.RequestException, OSError):
            pass
        answer.close()
        return content[:_LARGEST_ANSWER]


def _keep_quiet() -> None:
    """What the library logs may have an address in it, and a log without a handler goes to standard error."""
    for name in ("apprise", "urllib3", "requests"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [logging.NullHandler()]
        logger.propagate = False
        logger.setLevel(logging.CRITICAL)


_keep_quiet()
# The library's plugins have no place for a session of one's own: `requests.post` makes one, of whatever class stands here.
requests.sessions.Session = _BoundedSession  # type: ignore[misc]


def send_by_library(message: Message, until: float) -> Delivery:
    """One message by the plugin that the address names."""
    _seen.until, _seen.answers = until, []
    plugin = _plugin(message.address)
    if isinstance(plugin, Delivery):
        return plugin
    text, scheme = message.text, scheme_of(message.address)
    if scheme in _MARKDOWN_LINES:
        text = text.replace("\n", "\n\n")
    taken = bool(plugin.notify(body=text, title=message.title, body_format=apprise.NotifyFormat.TEXT))
    answers = _seen.answers
    if taken and (answers or scheme in MAIL):
        return Delivery(Outcome.SENT)
    if taken:
        return Delivery(Outcome.UNKNOWN, "it is said to be sent, and nothing was seen of that")
    if any(each.outcome is Outcome.SENT for each in answers):
        return Delivery(Outcome.UNKNOWN, "a part of it was taken, and then no more")
    unknown = next((each for each in answers if each.outcome is Outcome.UNKNOWN), None)
    return unknown or (answers[-1] if answers else Delivery(Outcome.NOT_TAKEN, "it was not taken"))


def _plugin(address: str) -> Any:
    query = urlsplit(address).query.replace(";", "&")  # the library separates with either
    given = {name.strip().lower().lstrip("+-:") for name, _ in parse_qsl(query, keep_blank_values=True)}
    refused = sorted(given.intersection(_NOT_IN_AN_ADDRESS))
    if refused:
        return Delivery(Outcome.NOT_TAKEN, f"its address has the option {refused[0]}, which is not used here")
    asset = apprise.AppriseAsset(
        app_id="incidentctl",
        app_desc="incidentctl",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        default_service_retry=0,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
        storage_mode="memory",
        allow_templates=False,
    )
    plugin = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if plugin is None or not _is_allowed(plugin):
        return Delivery(Outcome.NOT_TAKEN, "its address is none that is understood")
    # An address may say otherwise of each of these.
    for name, value in (
        ("redirects", False),
        ("retry", 0),
        ("request_rate_per_sec", 0),
        ("include_image", False),
        ("include_footer", False),
        ("overflow_mode", apprise.OverflowMode.TRUNCATE),
        ("socket_connect_timeout", 4.0),
        ("socket_read_timeout", 4.0),
    ):
        if hasattr(plugin, name):
            setattr(plugin, name, value)
    return plugin


def _is_allowed(plugin: Any) -> bool:
    """Whether the plugin that was found is one of an allowed kind: `https://` may lead to many."""
    names: set[str] = set()
    for each in (plugin.protocol, plugin.secure_protocol):
        names |= {each} if isinstance(each, str) else set(each or ())
    return bool(names & SCHEMES)
