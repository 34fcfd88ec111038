"""Posts our JSON to a webhook: one request, no redirection, no library. `json://` is HTTP, `jsons://` HTTPS."""

import base64
import http.client
import json
import ssl
import time
from urllib.parse import unquote, urlsplit

from incidentctl import __version__
from incidentctl.store.delivery import Delivery, Message, Outcome, judged


def post_json(message: Message, until: float) -> Delivery:
    """One POST. Once it is handed over, what does not answer in time, or not in HTTP, may have it."""
    try:
        connection, path, headers = _request(message, until)
    except ValueError:
        return Delivery(Outcome.NOT_TAKEN, "its address cannot be read")
    body = json.dumps(message.data, ensure_ascii=True).encode()
    try:
        try:
            connection.connect()
        except ssl.SSLError as error:
            return Delivery(Outcome.NOT_TAKEN, f"its certificate or TLS is not right: {error.reason or 'refused'}")
        except TimeoutError:
            return Delivery(Outcome.NOT_TAKEN, "it cannot be reached in time")
        except OSError as error:
            return Delivery(Outcome.NOT_TAKEN, f"it cannot be reached: {error.strerror or 'no such host'}")
        try:
            connection.request("POST", path, body, headers)
            if connection.sock is not None:
                connection.sock.settimeout(max(0.1, until - time.monotonic()))
            answer = connection.getresponse()
        except ValueError:
            return Delivery(Outcome.NOT_TAKEN, "its address cannot be read")
        except TimeoutError:
            return Delivery(Outcome.UNKNOWN, "no answer in time")
        except http.client.RemoteDisconnected:
            return Delivery(Outcome.UNKNOWN, "it hung up without an answer")
        except http.client.HTTPException:
            return Delivery(Outcome.UNKNOWN, "what it answers is no HTTP")
        except OSError as error:
            return Delivery(Outcome.UNKNOWN, f"the connection broke: {error.strerror or 'reset'}")
        # What it says besides the status is nobody's to read: it may be endless, or meant for a terminal.
        return judged(answer.status, answer.getheader("Retry-After"))
    finally:
        connection.close()


def _request(message: Message, until: float) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    parts = urlsplit(message.address.strip())
    if not parts.hostname:
        raise ValueError("no host")
    seconds = max(0.1, until - time.monotonic())
    kind = http.client.HTTPSConnection if parts.scheme.lower() == "jsons" else http.client.HTTPConnection
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"incidentctl/{__version__}",
        "Idempotency-Key": message.key,
    }
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    rest: list[str] = []
    for part in parts.query.split("&"):
        name, _, value = part.partition("=")
        if name.startswith("+") and len(name) > 1:
            headers[unquote(name[1:])] = unquote(value)
        elif part:
            rest.append(part)
    path = (parts.path or "/") + (f"?{'&'.join(rest)}" if rest else "")
    return kind(parts.hostname, parts.port, timeout=seconds), path, headers
