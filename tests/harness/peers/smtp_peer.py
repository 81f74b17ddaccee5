"""A mail relay for tests:  smtp_peer.py PORT DIRECTORY [--tls=CERTIFICATE,KEY] [--starttls] [--user=NAME:PASSWORD]

TLS from the first byte on, or with --starttls when asked. `behaviour` is one of
  (empty)          takes the mail
  550, 450, 530, 535
                   refuses the recipient so
  554, 451         refuses the mail so, once it has all of it
  sender-550       refuses the sender
  421              has no time at all
  keep-and-hang    takes the mail and never says so
"""

import argparse
import asyncio
import ssl

from aiosmtpd.smtp import SMTP, AuthResult
from peer import Mailbag


class Relay:
    def __init__(self, mailbag):
        self.mailbag = mailbag

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.mailbag.note_offer()
        if self.mailbag.behaviour() == "421":
            return "421 busy"
        if self.mailbag.behaviour() == "sender-550":
            return "550 not from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.mailbag.behaviour() in ("550", "450", "530", "535"):
            return f"{self.mailbag.behaviour()} not for this one"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        behaviour = self.mailbag.behaviour()
        if behaviour in ("554", "451"):
            return f"{behaviour} not this mail"
        wrapper = f"MAIL FROM {envelope.mail_from} RCPT TO {envelope.rcpt_tos}\r\n"
        self.mailbag.keep(wrapper.encode() + envelope.original_content)
        if behaviour == "keep-and-hang":
            await asyncio.sleep(3600)
        return "250 OK"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("directory")
    parser.add_argument("--tls")
    parser.add_argument("--starttls", action="store_true")
    parser.add_argument("--user")
    arguments = parser.parse_args()

    context = None
    if arguments.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*arguments.tls.split(","))

    def authenticate(server, session, envelope, mechanism, data):
        given = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=given == arguments.user, handled=False)

    relay = Relay(Mailbag(arguments.directory))

    def make():
        return SMTP(
            relay,
            hostname="relay.test",
            tls_context=context if arguments.starttls else None,
            require_starttls=arguments.starttls,
            authenticator=authenticate if arguments.user else None,
            auth_required=bool(arguments.user),
            auth_require_tls=arguments.starttls,
        )

    async def serve():
        loop = asyncio.get_running_loop()
        implicit = None if arguments.starttls else context
        server = await loop.create_server(make, "127.0.0.1", arguments.port, ssl=implicit)
        await server.serve_forever()

    asyncio.run(serve())


main()
