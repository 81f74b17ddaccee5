"""An HTTP server for tests:  http_peer.py PORT DIRECTORY [--tls=CERTIFICATE,KEY]

`behaviour` is one of
  (empty)          answers 200
  a number         answers so; with 302, leads to another place of its own
  keep-and-hang    takes the message and never says so
  endless          answers 200, and never ends to talk
  long-N           answers N, and says a megabyte more than anybody wants to know
"""

import argparse
import http.server
import json
import ssl
import time

from peer import Mailbag


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("directory")
    parser.add_argument("--tls")
    arguments = parser.parse_args()
    mailbag = Mailbag(arguments.directory)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            mailbag.note_offer()
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            behaviour = mailbag.behaviour()
            if behaviour.isdigit():
                self.answer(int(behaviour))
                return
            if behaviour.startswith("long-"):
                self.answer(int(behaviour.removeprefix("long-")), b"x" * 2**20)
                return
            request = {"path": self.path, "headers": dict(self.headers), "body": json.loads(body)}
            mailbag.keep(json.dumps(request).encode())
            if behaviour == "keep-and-hang":
                time.sleep(3600)
            elif behaviour == "endless":
                self.send_response(200)
                self.end_headers()
                while True:
                    self.wfile.write(b"x" * 4096)
            self.answer(200)

        def answer(self, code, text=b""):
            self.send_response(code)
            if code == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler)
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*arguments.tls.split(","))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


main()
