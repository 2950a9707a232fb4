"""A mail server and an HTTP receiver on this machine, each in a thread, that keep what they are sent."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP as it takes to receive a mail."""

    def handle(self):
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            match line[:4].upper():
                case b"DATA":
                    self.wfile.write(b"354 go\r\n")
                    lines = iter(self.rfile.readline, b".\r\n")
                    mail = message_from_bytes(b"".join(lines), policy=policy.default)
                    text = mail.get_body(("plain",)).get_content()
                    self.server.received.append((str(mail["subject"]), text))
                    self.wfile.write(b"250 kept\r\n")
                case b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                case _:
                    self.wfile.write(b"250 ok\r\n")


class _Http(BaseHTTPRequestHandler):
    def do_POST(self):
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append((self.path, content))
        answer = json.dumps({"errcode": self.server.errcode}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextmanager
def serving(server) -> Iterator:
    """Serve in a thread; `received` holds what came, `port` says where."""
    server.received, server.errcode, server.port = [], 0, server.server_address[1]
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def mail_server():
    """A mail server on a free port: `received` is a list of (subject, text)."""
    return serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail))


def http_receiver():
    """An HTTP receiver on a free port: `received` is a list of (path, content), `errcode` what it answers."""
    return serving(ThreadingHTTPServer(("127.0.0.1", 0), _Http))
