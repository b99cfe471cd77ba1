"""fault-proxy's API as the soak uses it: every call is timed, and any answer but the expected one
is a failure.

Time for which the proxy or this program was ready to run and had no processor is the machine's, and
is taken off: /proc/PID/schedstat counts it.
"""

import http.client
import json
import os
import pathlib
import time


def waited_for_processor(*pids):
    total = 0
    for pid in pids:
        try:
            total += int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[1])
        except OSError:
            continue  # It has ended, which the call will tell.
    return total / 1e9


class Api:
    def __init__(self, port, failures):
        self.port, self.failures = port, failures
        self.pids = (os.getpid(),)  # and the proxy's, once it is known
        self.seconds = []
        self.slowest = ("", 0.0)
        self.connection = None

    def call(self, method, path, body=None, expected=(200,)):
        """The answer's JSON (or text), or None where it was not as expected."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began, waited = time.monotonic(), waited_for_processor(*self.pids)
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body))
            answer = self.connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(f"{method} {path}: {error!r}")
            self.connection.close()
            self.connection = None
            return None
        took = time.monotonic() - began - (waited_for_processor(*self.pids) - waited)
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
