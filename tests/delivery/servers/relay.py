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
import sys
import threading

from aiosmtpd.controller import Controller

from messages import described, record


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
        transaction = {
            "hello": session.host_name,
            "peer": session.peer[1],
            "mail_from": envelope.mail_from,
            "mail_options": envelope.mail_options,
            "rcpt_tos": envelope.rcpt_tos,
        }
        record(transaction | described(envelope.content))
        return "250 2.0.0 queued"


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
