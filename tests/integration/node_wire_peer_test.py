#!/usr/bin/env python3
"""A peer in another language, written from node/core/WIRE.md with the standard library alone: it
says hello, answers a ping, takes a vote, computes its id from the canonical bytes, and acknowledges
it. Without TLS, and believing the signature: for both the standard library has no Ed25519.

    node_wire_peer_test.py VOTE_NODE
"""

import hashlib
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import urllib.request

PATIENCE_SECONDS = 20


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, content):
    """Of a protobuf message: bytes, or a varint."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(message):
    found, at = {}, 0

    def next_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = next_varint()
        content = next_varint()
        if key & 7 == 2:
            at += content
            content = message[at - content : at]
        found[key >> 3] = content
    return found


def canonical_bytes(vote):
    def text(content):
        return struct.pack(">I", len(content)) + content

    choice = vote.get(5, b"")
    time = vote.get(7, 0)
    time = time >> 1 ^ -(time & 1)  # sint64
    return (text(b"halfopen vote 2") + text(vote[1]) +
            struct.pack(">QIB", vote.get(2, 0), vote.get(3, 0), vote[4]) +
            bytes([len(choice) > 0]) + choice + vote[9] + struct.pack(">q", time))


class Peer:
    def __init__(self, connection):
        self.stream = connection.makefile("rwb")

    def receive(self):
        """(which message, its fields)"""
        (length,) = struct.unpack(">I", self.stream.read(4))
        ((number, content),) = fields(self.stream.read(length)).items()
        return number, fields(content)

    def send(self, number, message):
        frame = field(number, message)
        self.stream.write(struct.pack(">I", len(frame)) + frame)
        self.stream.flush()

    def receive_vote(self):
        while True:
            number, message = self.receive()
            if number == 2:
                return fields(message[1])
            if number == 4:
                self.send(5, field(1, message[1]))


def post(url, answers):
    request = urllib.request.Request(url, data=b"{}", method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        answers.append((answer.status, json.load(answer)["id"]))


def play(node, listener, events):
    listener.settimeout(PATIENCE_SECONDS)
    connection, _ = listener.accept()
    connection.settimeout(PATIENCE_SECONDS)
    peer = Peer(connection)
    assert peer.receive() == (1, {1: 2, 2: b"lab", 3: b"n1"})
    peer.send(1, field(1, 2) + field(2, b"lab") + field(3, b"n2"))
    started = json.loads(events.read_text().splitlines()[0])
    answers = []
    caller = threading.Thread(
        target=post, args=(f"http://{started['admin']}/votes?wait=peers", answers))
    caller.start()
    vote = peer.receive_vote()
    vote_id = hashlib.sha256(canonical_bytes(vote)).digest()
    assert len(vote[8]) == 64 and len(vote[9]) == 32
    peer.send(3, field(1, vote_id))
    caller.join(PATIENCE_SECONDS)
    assert answers == [(200, vote_id.hex())], (answers, vote_id.hex())
    peer.send(4, field(1, 300))
    assert peer.receive() == (5, {1: 300})
    node.terminate()
    assert node.wait(PATIENCE_SECONDS) == 0


def main():
    here = ("127.0.0.1", 0)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(here) as listener:
        events = pathlib.Path(folder, "events.jsonl")
        config = pathlib.Path(folder, "n1.yaml")
        config.write_text(
            f"name: n1\ninsecure_seed: a\ntransport: plaintext\nevents: {events}\npeers:\n"
            "  - name: n2\n    insecure_seed: b\n"
            f"    address: 127.0.0.1:{listener.getsockname()[1]}\n",
            encoding="utf-8")
        node = subprocess.Popen([sys.argv[1], "--config", config])
        try:
            play(node, listener, events)
        finally:
            node.kill()
    print("a peer written from WIRE.md took a vote")


if __name__ == "__main__":
    main()
