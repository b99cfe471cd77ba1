"""As much of HTTP/1.1 as the nodes' and the proxy's APIs need, on connections that stay open.

A caller must know one thing exactly: whether a request that got no answer can have arrived. What
never left counts as not offered; everything else without an answer is unknown.
"""

import asyncio
import json


class NotSent(Exception):
    """There was no connection: the other side has seen nothing of the request."""


class NoAnswer(Exception):
    """The connection broke, or said nothing in time: whether it was done is unknown."""


class Client:
    """One connection, made when it is needed; one request at a time."""

    def __init__(self, host, port, answer_seconds):
        self.host, self.port, self.answer_seconds = host, port, answer_seconds
        self.reader = self.writer = None

    async def call(self, method, path, body=None):
        """(status, body's bytes)."""
        if self.writer is None or self.reader.at_eof():
            self.close()
            try:
                self.reader, self.writer = await asyncio.open_connection(
                    self.host, self.port, limit=1 << 20)
            except OSError as error:
                raise NotSent(f"{self.host}:{self.port}: {error}") from None
        content = b"" if body is None else json.dumps(body).encode()
        head = (f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n")
        try:
            async with asyncio.timeout(self.answer_seconds):
                self.writer.write(head.encode() + content)
                return await self.read_answer()
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            self.close()
            raise NoAnswer(f"{self.host}:{self.port} {path}: {type(error).__name__}") from None
        except asyncio.CancelledError:
            self.close()
            raise

    async def read_answer(self):
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        fields = dict(line.lower().split(":", 1) for line in head.split("\r\n")[1:] if line)
        body = await self.reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").strip() == "close":
            self.close()
        return status, body

    async def json_status(self, method, path, body=None):
        """(status, the answer's JSON)."""
        status, text = await self.call(method, path, body)
        try:
            return status, json.loads(text)
        except ValueError:
            return status, {"error": text.decode(errors="replace").strip()[:200]}

    async def json(self, method, path, body=None, expected=(200, 201, 204)):
        """The answer's JSON; a RuntimeError where the status is not as expected."""
        status, text = await self.call(method, path, body)
        if status not in expected:
            raise RuntimeError(f"{method} {path} {json.dumps(body)}: {status} "
                               f"{text.decode(errors='replace').strip()[:300]}")
        return json.loads(text) if text.strip() else None

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


async def wait_until(predicate, seconds, what):
    """Waits for a condition with a deadline; says what did not happen, and what was last seen."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        holds, seen = await predicate()
        if holds:
            return seen
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"not within {seconds} s: {what}; last seen: {seen}")
        await asyncio.sleep(0.02)
