"""An SMTP server that writes what it receives to its standard output, a JSON object a line.

The first line names the port. It ends when its standard input does.

The local part of a recipient decides the reply. It consists of words joined by dots; the first is

- reply: `reply.550.5-1-1` is refused with this code and enhanced code ("-" without one);
- data: the same, after the message;
- once: the same as reply, at the first attempt only;
- slow: `slow.3` is accepted after this many seconds;
- scan: `scan.3` is accepted at once, and its message after this many seconds;
- silent: there is never a reply.

All other recipients are accepted at once.
"""

import argparse
import asyncio
import base64
import email
import email.policy
import json
import sys
import threading

from aiosmtpd.controller import Controller


def refusal(words):
    code, enhanced = words[1], words[2].replace("-", ".").strip(".")
    text = "<somebody@example.no> simulated"
    return " ".join(word for word in (code, enhanced, text) if word)


class Recorder:
    def __init__(self):
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        words = address.rpartition("@")[0].split(".")
        if words[0] == "reply":
            return refusal(words)
        if words[0] == "once" and address not in self.seen:
            self.seen.add(address)
            return refusal(words)
        if words[0] == "slow":
            await asyncio.sleep(float(words[1]))
        if words[0] == "silent":
            await asyncio.sleep(3600)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            words = address.rpartition("@")[0].split(".")
            if words[0] == "data":
                return refusal(words)
            if words[0] == "scan":
                await asyncio.sleep(float(words[1]))
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        sender = message["from"].addresses[0]
        record(
            {
                "hello": session.host_name,
                "peer": session.peer[1],
                "mail_from": envelope.mail_from,
                "mail_options": envelope.mail_options,
                "rcpt_tos": envelope.rcpt_tos,
                "content": base64.b64encode(envelope.content).decode(),
                "headers": [name for name, _ in message.items()],
                "from": str(sender.addr_spec),
                "from_name": sender.display_name,
                "to": [address.addr_spec for address in message["to"].addresses],
                "subject": str(message["subject"]),
                "message_id": str(message["message-id"]),
                "date": message["date"].datetime.timestamp(),
                "mime_version": str(message["mime-version"]),
                "media_type": message.get_content_type(),
                "charset": message.get_content_charset(),
                # The bytes, not get_content(): that one changes line ends.
                "body": message.get_payload(decode=True).decode("utf-8"),
                "defects": [repr(defect) for defect in message.defects],
            }
        )
        return "250 2.0.0 queued"


def decoded(value):
    """Decodes the UTF-8 of headers, whose bytes Python reads as surrogates."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    if isinstance(value, list):
        return [decoded(element) for element in value]
    return value


def record(document):
    document = {name: decoded(value) for name, value in document.items()}
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--without-utf8", action="store_true")
    arguments.add_argument("--size", type=int, default=33554432)
    arguments = arguments.parse_args()
    controller = Controller(
        Recorder(),
        hostname="127.0.0.1",
        port=0,
        server_kwargs={
            "enable_SMTPUTF8": not arguments.without_utf8,
            "data_size_limit": arguments.size,
        },
    )
    # Not Controller.start: it connects to the port that it was given, here 0 (aiosmtpd 1.4).
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(
        loop.create_server(controller.factory, host="127.0.0.1", port=0)
    )
    record({"port": server.sockets[0].getsockname()[1]})

    def until_the_end():
        sys.stdin.read()
        loop.call_soon_threadsafe(loop.stop)

    threading.Thread(target=until_the_end, daemon=True).start()
    loop.run_forever()


main()
