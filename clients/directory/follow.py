#!/usr/bin/env python3
"""A sample of how a directory follows Gatehouse: it keeps the latest that it was told of each account.

  follow.py --directory=FILE --spool=DIRECTORY              applies what lies there, then ends
  follow.py --directory=FILE --listen=PORT --token_file=FILE  takes POSTs on loopback, until it is told to stop

Messages come at least once, and each tells the whole account, so all there is to do is: leave alone what is
older than what is known, and forget a message only when what it told is durable. What a real directory does
where this one writes a row: disables whoever is not ACTIVE or PENDING, and, where `seamless_password` is
true and `password_time` is later than its own, drops the password that it has kept.
"""

import argparse
import hmac
import http.server
import json
import pathlib
import sqlite3
import sys


class Directory:
    def __init__(self, path):
        self.accounts = sqlite3.connect(path, isolation_level=None)
        self.accounts.execute("PRAGMA synchronous = FULL")
        self.accounts.execute(
            "CREATE TABLE IF NOT EXISTS accounts (account_id TEXT PRIMARY KEY, version INTEGER NOT NULL,"
            " username TEXT NOT NULL, status TEXT NOT NULL, status_until TEXT, leaver INTEGER NOT NULL,"
            " has_password INTEGER NOT NULL, password_time TEXT)"
        )

    def apply(self, message):
        """Durable when it returns. KeyError or ValueError: this is no message of ours."""
        if message["kind"] != "ACCOUNT_CHANGED":
            raise ValueError("unknown kind")
        account = message["account"]
        # Fields that are false, zero or empty are left out of the JSON; 64-bit numbers are text.
        self.accounts.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET"
            " version = excluded.version, username = excluded.username, status = excluded.status,"
            " status_until = excluded.status_until, leaver = excluded.leaver,"
            " has_password = excluded.has_password, password_time = excluded.password_time"
            " WHERE excluded.version > accounts.version",
            (
                message["account_id"],
                int(account["version"]),
                account.get("username", ""),
                account["status"],
                account.get("status_until"),
                account.get("leaver", False),
                account.get("has_password", False),
                account.get("password_time"),
            ),
        )


def follow_spool(directory, spool):
    # Names sort by time. One that begins with a dot is not finished.
    for path in sorted(pathlib.Path(spool).glob("[!.]*.json")):
        try:
            directory.apply(json.loads(path.read_text(encoding="utf-8")))
        except (KeyError, ValueError) as fault:
            print(f"{path}: left alone: {fault!r}", file=sys.stderr)
            continue
        path.unlink()


def serve(directory, port, token):
    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_POST(self):
            given = self.headers.get("Authorization", "").encode()
            size = int(self.headers.get("Content-Length", 0))
            if not hmac.compare_digest(given, b"Bearer " + token):
                self.answer(401)
            elif size > 65536:
                self.answer(413)
            else:
                self.take(self.rfile.read(size))

        def take(self, body):
            try:
                directory.apply(json.loads(body))
            except (KeyError, ValueError):
                self.answer(422)
            else:
                self.answer(204)

        def answer(self, code):
            self.send_response(code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--directory", required=True)
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--spool")
    way.add_argument("--listen", type=int)
    parser.add_argument("--token_file")
    arguments = parser.parse_args()
    directory = Directory(arguments.directory)
    if arguments.spool:
        follow_spool(directory, arguments.spool)
    elif arguments.token_file:
        serve(directory, arguments.listen, pathlib.Path(arguments.token_file).read_bytes().strip())
    else:
        parser.error("--listen needs --token_file")


main()
