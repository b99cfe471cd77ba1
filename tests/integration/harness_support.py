"""What the command-line tests share: running halfopen, and small scenarios to run."""

import os
import pathlib
import subprocess
import tempfile
import textwrap
import time
import unittest

BIN = pathlib.Path(os.environ["HALFOPEN_BIN"])
SOURCE = pathlib.Path(os.environ["HALFOPEN_SOURCE"])

# Two nodes and nothing wrong: ends in about two seconds.
HEALTHY = """
name: healthy
claim: a vote over a healthy link arrives
nodes: {n1: {preset: naive}, n2: {preset: naive}}
links: [{between: [n1, n2], dialer: n1, inside: n1, faults: []}]
steps:
  - {id: up, wait_until: 'min(votenode_peer_up{node="n1"}) == 1', within: 10s}
  - {id: vote, cast: {node: n1, count: 1}}
expect:
  - id: delivered
    eventually: 'votenode_votes_acked_total{node="n1"} == 1'
    since: {step: vote}
    within: 2s
controls:
  - {id: no-vote, set: {/steps/vote/cast/count: 2}, must_fail: [delivered]}
"""


def wait_until(predicate, seconds, what):
    """Waits for a condition with a deadline; fails naming what did not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = predicate()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


class HarnessTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)

    def write(self, text, name="scenario.yaml"):
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        return path

    def halfopen(self, *arguments, timeout=60):
        return subprocess.run([BIN / "halfopen", *map(str, arguments)], cwd=self.folder,
                              capture_output=True, text=True, timeout=timeout, check=False)

    def run_text(self, text, *arguments):
        return self.halfopen("run", self.write(text), "--out", self.folder / "out", *arguments)
