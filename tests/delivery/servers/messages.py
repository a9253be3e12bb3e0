"""The content of messages, as objects that JSON can have."""

import base64
import email
import email.policy
import json
import sys


def described(content):
    """What Python reads in the bytes of a message."""
    message = email.message_from_bytes(content, policy=email.policy.SMTP)
    sender = message["from"].addresses[0]
    return {
        "content": base64.b64encode(content).decode(),
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
        # The header of a server that delivers to a mailbox.
        "delivered_to": str(message["delivered-to"]),
    }


def decoded(value):
    """Text as UTF-8, of which Python reads the bytes in a header one by one."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape").decode("utf-8")
    if isinstance(value, list):
        return [decoded(element) for element in value]
    return value


def record(document):
    """Writes an object as one line."""
    document = {name: decoded(value) for name, value in document.items()}
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()
