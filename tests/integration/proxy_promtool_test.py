"""What a running fault-proxy with faults and traffic answers on /metrics, read by Prometheus' own
checker: a complaint of any kind fails."""

import http.client
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import unittest

BIN = pathlib.Path(os.environ["HALFOPEN_BIN"])
PROMTOOL = os.environ["PROMTOOL"]
DEADLINE_SECONDS = 30
# Attributes without which a fault of the type is refused.
ATTRIBUTES = {
    "nat": {"idle_timeout": "1h", "on_expiry": "rst_both"},
    "peer_restart": {"kind": "graceful"},
    "bandwidth": {"rate": 1000},
    "slicer": {"average_size": 100},
    "corrupt": {"every_bytes": 1000},
    "flap": {"up": "1h", "down": "1s"},
}


def check(text):
    """promtool's exit code and all that it said."""
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True,
                          text=True, timeout=DEADLINE_SECONDS, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


class PromtoolTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.events = pathlib.Path(folder.name, "events.jsonl")
        self.proxy = subprocess.Popen(
            [BIN / "fault-proxy", "--control", "127.0.0.1:0", "--events", self.events],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(self.proxy.wait)
        self.addCleanup(self.proxy.terminate)
        self.control = self.wait_for_control()

    def wait_for_control(self):
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline and self.proxy.poll() is None:
            text = self.events.read_text() if self.events.exists() else ""
            for line in text.splitlines():
                if '"started"' in line:
                    return json.loads(line)["control"]
        self.fail("fault-proxy did not start")

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.control, timeout=DEADLINE_SECONDS)
        self.addCleanup(connection.close)
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    def relay_something(self, name):
        """A proxy through which one message has gone both ways."""
        upstream = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(upstream.close)
        upstream.settimeout(DEADLINE_SECONDS)

        def echo():
            served, _ = upstream.accept()
            with served:
                served.sendall(served.recv(100))
        server = threading.Thread(target=echo)
        server.start()
        status, text = self.call("POST", "/proxies", {
            "name": name, "listen": "127.0.0.1:0",
            "upstream": f"127.0.0.1:{upstream.getsockname()[1]}"})
        self.assertEqual(status, 201, text)
        host, _, port = json.loads(text)["listen"].rpartition(":")
        with socket.create_connection((host, int(port)), timeout=DEADLINE_SECONDS) as client:
            client.sendall(b"hello")
            self.assertEqual(client.recv(100), b"hello")
        server.join(DEADLINE_SECONDS)

    def metrics(self):
        status, text = self.call("GET", "/metrics")
        self.assertEqual(status, 200)
        return text

    def test_it_has_no_complaint(self):
        code, said = check(self.metrics())
        self.assertEqual((code, said), (0, ""), "without a proxy")
        self.relay_something("first")
        # A name that has to be escaped.
        self.relay_something('se"cond')
        types = [line.partition('fault="')[2].partition('"')[0]
                 for line in self.metrics().splitlines()
                 if line.startswith("fault_proxy_fault_active{") and 'proxy="first"' in line]
        self.assertIn("nat", types)
        added = []
        for name in types:
            status, text = self.call("POST", "/proxies/first/faults",
                                     {"type": name, "attributes": ATTRIBUTES.get(name, {})})
            # 501: this machine does not allow what the fault needs.
            self.assertIn(status, (200, 501), f"{name}: {text}")
            added += [name] if status == 200 else []
        self.assertIn("nat", added, "it needs nothing of the machine")
        text = self.metrics()
        self.assertIn("fault_proxy_bytes_total{", text)
        code, said = check(text)
        self.assertEqual((code, said), (0, ""), text)

    def test_it_would_complain(self):
        text = self.metrics() + "# TYPE wrong counter\nwrong 1\n"
        code, said = check(text)
        self.assertNotEqual((code, said), (0, ""), "a counter without help and _total")


if __name__ == "__main__":
    unittest.main()
