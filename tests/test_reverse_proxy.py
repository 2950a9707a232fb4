"""The proxy that docs/reverse-proxy.md describes: nginx takes it, and passes on what Airflow and the uploads need."""

import datetime as dt
import re
import shutil
import ssl
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import create_server

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PAGE = Path(__file__).parents[1] / "docs" / "reverse-proxy.md"
NAME = "vbp.example.org"
pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


class Upstream(BaseHTTPRequestHandler):
    """Answers with the headers that it was asked with, and how much came."""

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        told = f"{len(body)}\n{self.headers}".encode()
        self.send_response(200)
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


def make_certificate(folder):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    begun = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = begun.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    certificate = dated.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False).sign(
        key, hashes.SHA256()
    )
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))


def free_port():
    with create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_nginx_passes_on_what_is_needed(tmp_path):
    [site] = re.findall(r"```nginx\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    make_certificate(tmp_path)
    upstream = HTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    secure, plain = free_port(), free_port()
    changes = {
        "/etc/ssl/vbp": str(tmp_path),
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "127.0.0.1:8080": f"127.0.0.1:{upstream.server_port}",
    }
    for was, now in changes.items():
        assert was in site
        site = site.replace(was, now)
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    log = f"error_log {tmp_path}/error.log;"
    whole = f"daemon off; pid {tmp_path}/pid; {log} events {{}} http {{ access_log off; {places} {site} }}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = ["nginx", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "error.log")]
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    with subprocess.Popen(command, stderr=subprocess.PIPE) as server:
        try:
            told = put(f"https://localhost:{secure}/vbp/files", bytes(2 << 20), tmp_path / "fullchain.pem")
            size, _, headers = told.partition("\n")
            assert int(size) == 2 << 20
            sent = dict(re.findall(r"^([\w-]+): (.*)$", headers.lower(), re.MULTILINE))
            assert sent["host"] == f"localhost:{secure}"
            assert (sent["x-forwarded-proto"], sent["x-forwarded-for"]) == ("https", "127.0.0.1")
        finally:
            server.terminate()
            upstream.shutdown()
            upstream.server_close()


def put(address, body, certificate):
    context = ssl.create_default_context(cafile=certificate)
    for _ in range(200):
        try:
            asked = urllib.request.Request(address, body, method="PUT")
            with urllib.request.urlopen(asked, timeout=10, context=context) as answer:
                return answer.read().decode()
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            threading.Event().wait(0.02)
    raise AssertionError("nginx does not answer")
