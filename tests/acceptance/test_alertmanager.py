"""What the real Prometheus and Alertmanager send, from a rule that fires to the record."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.conftest import Desk, new_desk

PROMETHEUS = shutil.which("prometheus")
ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        PROMETHEUS is None or ALERTMANAGER is None,
        reason="Prometheus and Alertmanager are not installed (apt-get install prometheus prometheus-alertmanager)",
    ),
]

_PATIENCE_S = 45.0


class _Receiver(BaseHTTPRequestHandler):
    """What is measured, and what takes the webhook: each message is piped into the command as it came."""

    errors: ClassVar[int] = 0
    repository: ClassVar[str] = ""
    environ: ClassVar[dict[str, str]] = {}
    messages: ClassVar[list[dict[str, Any]]] = []
    answers: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        self._answer(200, f"checkout_errors {type(self).errors}\n".encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).messages.append(json.loads(body))
        done = subprocess.run(
            [sys.executable, "-m", "incidentctl", "-C", self.repository, "open", "--from", "-", "--json"],
            input=body,
            env=self.environ,
            capture_output=True,
        )
        type(self).answers.append(json.loads(done.stdout) if done.returncode == 0 else {"failed": done.stderr.decode()})
        self._answer(200 if done.returncode == 0 else 500, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        pass


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(folder: Path, *words: str) -> Iterator[None]:
    with (folder / f"{Path(words[0]).name}.log").open("w") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=folder)
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def monitored(tmp_path: Path) -> Iterator[Desk]:
    """A desk, and Prometheus and Alertmanager that watch a number and tell the receiver."""
    assert PROMETHEUS and ALERTMANAGER
    desk = new_desk(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    _Receiver.errors, _Receiver.messages, _Receiver.answers = 0, [], []
    _Receiver.repository, _Receiver.environ = str(desk.path), desk.environ
    port, manager, monitor = server.server_address[1], _free_port(), _free_port()
    (tmp_path / "prometheus.yml").write_text(
        "global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: eu}}\n"
        "rule_files: [rules.yml]\n"
        f"scrape_configs: [{{job_name: shop, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}]\n"
        f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['127.0.0.1:{manager}']}}]}}]}}\n"
    )
    (tmp_path / "rules.yml").write_text(
        "groups:\n- name: shop\n  rules:\n  - alert: CheckoutFails\n    expr: checkout_errors > 0\n"
        "    labels: {severity: critical, service: checkout}\n"
        "    annotations:\n      summary: 'Checkout fails'\n      description: '{{ $value }} errors'\n"
        "      runbook_url: https://runbooks.example.org/checkout\n"
    )
    (tmp_path / "alertmanager.yml").write_text(
        "route: {receiver: incidents, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}\n"
        f"receivers: [{{name: incidents, webhook_configs: [{{url: 'http://127.0.0.1:{port}/'}}]}}]\n"
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with (
            _running(
                tmp_path,
                ALERTMANAGER,
                "--config.file=alertmanager.yml",
                f"--storage.path={tmp_path / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{manager}",
                "--cluster.listen-address=",
            ),
            _running(
                tmp_path,
                PROMETHEUS,
                "--config.file=prometheus.yml",
                f"--storage.tsdb.path={tmp_path / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{monitor}",
                "--rules.alert.resend-delay=1s",
            ),
        ):
            yield desk
    finally:
        server.shutdown()
        server.server_close()


def _answers(count: int) -> list[dict[str, Any]]:
    """The answers of the command, as soon as there are so many."""
    ends_at = time.monotonic() + _PATIENCE_S
    while len(_Receiver.answers) < count:
        assert time.monotonic() < ends_at, f"after {_PATIENCE_S:.0f} s: {_Receiver.messages}"
        time.sleep(0.1)
    return _Receiver.answers


def test_a_rule_that_fires_opens_an_incident_and_its_end_is_a_note(monitored: Desk) -> None:
    _Receiver.errors = 7
    opened = _answers(1)[0]
    sent = _Receiver.messages[0]
    assert (opened["alert"]["outcome"], opened["state"]["status"], opened["state"]["severity"]) == (
        "new",
        "triage",
        "SEV1",
    )
    assert sent["version"] == "4" and sent["alerts"][0]["endsAt"].startswith("0001-01-01")
    started = f"{sent['alerts'][0]['startsAt'][:19]}Z"
    assert (opened["state"]["detected_at"], opened["state"]["started_at"]) == (started, started)
    incident = opened["incident"]
    assert incident.endswith("-checkout-fails")
    text = monitored.text()
    assert "services: [checkout]\n" in text and "estimated: [started_at]\n" in text
    assert "  runbook: https://runbooks.example.org/checkout\n" in text and "  7 errors\n" in text

    body = json.dumps(sent).encode()
    again = subprocess.run(
        [sys.executable, "-m", "incidentctl", "open", "--from", "-", "--json"],
        input=body,
        cwd=monitored.path,
        env=monitored.environ,
        capture_output=True,
        check=True,
    )
    assert json.loads(again.stdout)["alert"]["outcome"] == "known"

    _Receiver.errors = 0
    ended = _answers(2)[1]
    assert _Receiver.messages[1]["status"] == "resolved"
    assert (ended["alert"]["outcome"], ended["incident"], ended["state"]["status"]) == ("ended", incident, "triage")

    monitored.environ["INCIDENTCTL_INCIDENT"] = incident
    monitored.now = datetime.fromisoformat(opened["state"]["declared_at"])
    monitored.wait(5)
    monitored.ok("ack")
    monitored.ok("resolve", "gone by itself")
    assert len(monitored.files()) == 1
    assert [entry["kind"] for entry in monitored.ok("show", incident, "--json").json["timeline"]] == [
        "opened",
        "observation",
        "acknowledged",
        "resolved",
    ]
