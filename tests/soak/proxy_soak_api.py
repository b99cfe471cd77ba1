"""fault-proxy's API as the soak uses it: every call is timed, and any answer but the expected one
is a failure."""

import http.client
import json
import time


class Api:
    def __init__(self, port, failures):
        self.port, self.failures = port, failures
        self.seconds = []
        self.slowest = ("", 0.0)
        self.connection = None

    def call(self, method, path, body=None, expected=(200,)):
        """The answer's JSON (or text), or None where it was not as expected."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = time.monotonic()
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body))
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{method} {path}: {error!r}")
            self.connection.close()
            self.connection = None
            return None
        took = time.monotonic() - began
        self.seconds.append(took)
        if took > self.slowest[1]:
            self.slowest = (f"{method} {path}", took)
        if answer.status not in expected:
            self.failures.append(f"{method} {path} {json.dumps(body)}: expected {expected}, got "
                                 f"{answer.status} {data[:300].decode(errors='replace').strip()}")
            return None
        kind = answer.getheader("Content-Type", "")
        return json.loads(data) if data and kind.startswith("application/json") else data.decode()

    def series(self, name):
        """{labels as text: value} of one metric."""
        found = {}
        for line in (self.call("GET", "/metrics") or "").splitlines():
            if line.startswith(name + "{"):
                labels, _, value = line[len(name) + 1:].rpartition("} ")
                found[labels] = float(value)
        return found

    def fault_types(self):
        """All that it knows: there is a series for each from a proxy's creation."""
        return sorted({label.removeprefix('fault="').removesuffix('"')
                       for labels in self.series("fault_proxy_fault_active")
                       for label in labels.split(",") if label.startswith("fault=")})
