"""kill -9 at twenty random moments of a run in the kernel world leaves nothing: no process, no
network namespace (they have no names, so nobody could find them again), no mount, no interface."""

import os
import pathlib
import random
import signal
import subprocess
import unittest

from harness_leaves_nothing_test import (all_namespaces, interfaces, namespaces_of,
                                         processes_with)
from harness_support import BIN, HarnessTest, wait_until

MOMENTS = 20
# What a run of the scenario below takes: kills are spread over all of it.
SECONDS = 3.5
# The kernel keeps some freed namespaces in its caches; each run makes four.
CACHED_MAX = 24

SCENARIO = """
name: killed
claim: whatever happens to the harness, nothing of a lab stays
nodes: {n1: {preset: resilient}, n2: {preset: naive}}
links: [{between: [n1, n2], faults: [{nat: {idle_timeout: 1s, on_next_packet: drop}}]}]
steps:
  - {id: up, wait_until: 'min(votenode_peer_up{node="n1"}) == 1', within: 10s}
  - {id: cut, set_fault: {link: n1-n2, blackhole: {}}}
  - {id: vote, cast: {node: n1, count: 2, every: 100ms}}
  - {id: heal, clear_fault: {link: n1-n2, name: blackhole}}
  - {id: loss, restart: {node: n2, kind: power_loss, down: 500ms}}
  - {id: flush, flush_nat: {link: n1-n2}}
  - {id: quiet, idle_for: 2s}
expect:
  - {id: kept, lost_votes: {from: n1, to: n2, equals: 0}, since: {step: vote}}
controls:
  - {id: naive, set: {/nodes/n1/preset: naive}, must_fail: [kept]}
"""


def kernel_namespaces():
    """Network namespaces that the kernel holds, with a process or without; None if nobody says."""
    try:
        return int(pathlib.Path("/sys/kernel/slab/net_namespace/objects").read_text().split()[0])
    except (OSError, ValueError):
        return None


def mounts():
    return [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
            if " nsfs " in line]


class KilledInTheKernelWorld(HarnessTest):
    def kill_after(self, seconds, number):
        scenario = self.write(SCENARIO)
        with subprocess.Popen([BIN / "halfopen", "run", "--world", "kernel", scenario, "--out",
                               f"out-{number}", "--jobs", "1"],
                              cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            # A random moment of the run is the point here; most often it has not ended by then.
            try:
                process.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                pass
            victim = process.pid
            workers = [pid for pid in processes_with(f"{self.folder}/out-{number}")
                       if pid != process.pid]
            self.private |= namespaces_of(workers)
            if number % 2 == 1 and workers:
                victim = workers[number % len(workers)]
            os.kill(victim, signal.SIGKILL)
            if victim != process.pid:
                process.kill()
            process.wait(timeout=10)

    def test_twenty_random_moments(self):
        seed = int(os.environ.get("HALFOPEN_TEST_SEED", "1"))
        moments = random.Random(seed)
        interfaces_before = interfaces()
        self.private = set()
        held_before = kernel_namespaces()
        mounts_before = mounts()
        for number in range(MOMENTS):
            seconds = moments.uniform(0, SECONDS)
            with self.subTest(seed=seed, number=number, seconds=seconds):
                self.kill_after(seconds, number)
                wait_until(lambda: not processes_with(str(self.folder)), 10,
                           f"everything is gone after a kill at {seconds:.3f} s")
        self.assertEqual(interfaces(), interfaces_before)
        self.assertEqual(mounts(), mounts_before)
        self.private.discard(os.readlink("/proc/self/ns/net"))
        self.assertTrue(self.private, "no run was alive when it was killed")
        wait_until(lambda: not (all_namespaces() & self.private), 10, "no namespace is left")
        if held_before is not None:
            # Four a run: twenty runs that left theirs would be eighty more.
            wait_until(lambda: kernel_namespaces() <= held_before + CACHED_MAX, 30,
                       "the kernel has let the namespaces go")


if __name__ == "__main__":
    unittest.main()
