"""A real Prometheus that holds given samples and answers questions about them."""

import http.client
import json
import pathlib
import re
import subprocess
import threading
import urllib.parse

START_SECONDS = 30


class PrometheusServer:
    """Backfills OpenMetrics text into a store of its own and serves it on a free port. A context
    manager; nothing of it is left behind."""

    def __init__(self, program, promtool, folder, samples, lookback_ms):
        self.folder = pathlib.Path(folder)
        data = self.folder / "data"
        made = subprocess.run(
            [promtool, "tsdb", "create-blocks-from", "openmetrics", samples, data],
            capture_output=True, text=True, timeout=60, check=False)
        if made.returncode != 0:
            raise AssertionError(f"promtool did not take {samples}:\n{made.stdout}{made.stderr}")
        (self.folder / "prometheus.yml").write_text("{}\n")
        self._log = open(self.folder / "prometheus.log", "w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [program, f"--config.file={self.folder / 'prometheus.yml'}",
             f"--storage.tsdb.path={data}", "--web.listen-address=127.0.0.1:0",
             f"--query.lookback-delta={lookback_ms}ms", "--storage.tsdb.retention.time=100y"],
            stdout=subprocess.DEVNULL, stderr=self._log)
        self.port = None

    def __enter__(self):
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(timeout=START_SECONDS)
        self._log.close()

    def _log_text(self):
        return (self.folder / "prometheus.log").read_text(encoding="utf-8")

    def _wait_until_ready(self):
        # A condition with a deadline; the event is only what paces the looks.
        pace = threading.Event()
        for _ in range(START_SECONDS * 50):
            pace.wait(0.02)
            if self._process.poll() is not None:
                raise AssertionError(f"prometheus ended:\n{self._log_text()}")
            text = self._log_text()
            found = re.search(r'msg="Listening on" address=127\.0\.0\.1:(\d+)', text)
            if found and "Server is ready to receive web requests" in text:
                self.port = int(found[1])
                return
        raise AssertionError(f"prometheus is not ready in {START_SECONDS} s:\n{self._log_text()}")

    def asker(self):
        return Asker(self.port)


class Asker:
    """One connection; not for two threads."""

    def __init__(self, port):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self):
        self._connection.close()

    def __call__(self, expression, at_ms):
        """{"error_type", "error"} or {"type", "samples": [(labels, value)]}."""
        form = urllib.parse.urlencode({"query": expression, "time": f"{at_ms / 1000:.3f}"})
        self._connection.request("POST", "/api/v1/query", form,
                                 {"Content-Type": "application/x-www-form-urlencoded"})
        body = json.loads(self._connection.getresponse().read())
        if body["status"] != "success":
            return {"error_type": body["errorType"], "error": body["error"]}
        data = body["data"]
        if data["resultType"] == "vector":
            samples = [(one["metric"], float(one["value"][1])) for one in data["result"]]
        elif data["resultType"] == "scalar":
            samples = [({}, float(data["result"][1]))]
        else:
            samples = []
        return {"type": data["resultType"], "samples": samples}
