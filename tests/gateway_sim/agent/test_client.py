"""Who the agent talks to, and what never leaks."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading

import pytest

from gateway_sim.agent.client import (
    PortalAddressError,
    PortalClient,
    PortalUnreachable,
    PortalUntrusted,
    parse_portal,
)
from tests.gateway_sim.agent.portal_double import TOKEN

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "url",
    [
        "http://portal.example",
        "http://10.0.0.5:8000",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "portal.example",
        "https://",
        "https://user:secret@portal.example",
        "https://portal.example/?token=x",
        "https://portal.example:99999",
        "https://[::1",
        "",
    ],
)
def test_only_https_or_this_machine(url):
    with pytest.raises(PortalAddressError) as caught:
        PortalClient(url, TOKEN)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:8", "https://a.example/x/"]
)
def test_addresses_that_are_fine(url):
    assert parse_portal(url).host


def test_a_path_before_the_api_is_kept():
    assert parse_portal("https://a.example/portal/").prefix == "/portal"


@pytest.fixture
def tls_server(tmp_path):
    """A server with a certificate nobody signed; counts the bytes that got through after the handshake."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    started: list[tuple[socket.socket, threading.Thread]] = []
    got: list[bytes] = []

    def start(**options: object) -> tuple[int, list[bytes]]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        for name, value in options.items():
            setattr(context, name, value)
        listener = socket.create_server(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(plain, server_side=True) as secure:
                        secure.settimeout(60)
                        got.append(secure.recv(65536))
                        secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                        # a body left unread would reset the connection before its answer
                        while secure.recv(65536):
                            pass
                except OSError:
                    plain.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        started.append((listener, thread))
        return listener.getsockname()[1], got

    yield start, certificate
    for listener, _ in started:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_an_untrusted_certificate_gets_nothing_and_a_trusted_one_gets_the_request(tls_server):
    start, certificate = tls_server
    port, got = start()
    with pytest.raises(PortalUntrusted):
        PortalClient(f"https://localhost:{port}", TOKEN, timeout=60).request("POST", "/x", {"a": 1})
    with pytest.raises(PortalUntrusted):  # right authority, wrong name
        PortalClient(f"https://127.0.0.1:{port}", TOKEN, ca_file=str(certificate), timeout=60).request(
            "GET", "/x"
        )
    assert b"".join(got) == b""
    client = PortalClient(f"https://localhost:{port}", TOKEN, ca_file=str(certificate), timeout=60)
    assert client.request("POST", "/x", {"a": 1}).data == {}
    assert TOKEN.encode() in b"".join(got)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_tls_1_1_is_refused(tls_server):
    start, certificate = tls_server
    port, got = start(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    client = PortalClient(f"https://localhost:{port}", TOKEN, ca_file=str(certificate), timeout=60)
    with pytest.raises((PortalUntrusted, PortalUnreachable)):
        client.request("GET", "/x")
    assert b"".join(got) == b""


def test_the_token_goes_into_the_header_only(portal):
    client = PortalClient(portal.url, TOKEN, timeout=60)
    assert client.request("POST", "/api/v1/heartbeat", {"agent": "x"}).status == 200
    assert all(TOKEN not in path for _, path in portal.requests)
    assert TOKEN not in repr(client)
    assert TOKEN not in str(portal.heartbeats)


def test_an_answer_that_drips_meets_the_deadline():
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def drip() -> None:
        peer, _ = listener.accept()
        with peer:
            peer.recv(65536)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not ended.wait(0.05):
                try:
                    peer.sendall(b" ")
                except OSError:
                    return

    threading.Thread(target=drip, daemon=True).start()
    client = PortalClient(f"http://127.0.0.1:{listener.getsockname()[1]}", TOKEN, timeout=0.4)
    with pytest.raises(PortalUnreachable, match="too long"):
        client.request("GET", "/x")
    ended.set()
    listener.close()
