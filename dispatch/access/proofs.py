"""What a device signs with its key, word for word; the same text is made on the tablet."""

from __future__ import annotations


def connect_message(device: str, nonce: str) -> bytes:
    """What a device signs to get a ticket or a session."""
    return f"patrol.v1 connect\n{device}\n{nonce}".encode()


def rotate_message(device: str, nonce: str, key: str) -> bytes:
    """What a device signs, with its old key, to have a new one."""
    return f"patrol.v1 rotate\n{device}\n{nonce}\n{key}".encode()


def enrol_message(secret: str, key: str) -> bytes:
    """What a device signs when it enrols: so it holds the key that it names."""
    return f"patrol.v1 enrol\n{secret}\n{key}".encode()
