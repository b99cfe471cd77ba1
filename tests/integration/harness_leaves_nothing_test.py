"""kill -9 of the harness in mid-run leaves no process, namespace or interface behind: not even a
process that made itself a daemon."""

import os
import pathlib
import subprocess
import time
import unittest

from harness_support import BIN, HEALTHY, HarnessTest, wait_until


def processes_with(text):
    """Pids whose command line holds the text."""
    found = []
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def namespaces_of(pids):
    found = set()
    for pid in pids:
        try:
            found.add(os.readlink(f"/proc/{pid}/ns/net"))
        except OSError:  # it has ended
            continue
    return found


def all_namespaces():
    found = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            found.add(os.readlink(folder / "ns/net"))
        except OSError:
            continue
    return found


def interfaces():
    lines = pathlib.Path("/proc/self/net/dev").read_text().splitlines()[2:]
    return sorted(line.split(":")[0].strip() for line in lines)


class LeavesNothing(HarnessTest):
    def kill_in_mid_run(self, out):
        # A number that no other process of the machine sleeps for.
        seconds = f"9{os.getpid()}.5"
        sleep = f"sleep {seconds}"
        daemon = f"setsid {sleep} & setsid sh -c '{sleep} & wait' & exec {sleep}"
        text = HEALTHY.replace("n2: {preset: naive}", "n2: {preset: naive}, "
                               "daemon: {command: [sh, -c, \"" + daemon + "\"]}")
        text = text.replace("steps:\n", "steps:\n  - {id: long, idle_for: 100s}\n")
        interfaces_before = interfaces()
        with subprocess.Popen([BIN / "halfopen", "run", self.write(text), "--out", out],
                              cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            wait_until(lambda: len(processes_with(f"sleep {seconds}".replace(" ", "\0"))) >= 3, 20,
                       "the daemons run")
            wait_until(lambda: processes_with(f"{self.folder}/{out}"), 20, "the worker runs")
            own = os.readlink("/proc/self/ns/net")
            sleepers = processes_with(f"sleep\0{seconds}")
            private = namespaces_of(sleepers)
            self.assertNotIn(own, private)
            process.kill()
            process.wait(timeout=10)
        wait_until(lambda: not processes_with(seconds), 10, "the daemons are gone")
        wait_until(lambda: not processes_with(str(self.folder)), 10, "the worker is gone")
        wait_until(lambda: not (private & all_namespaces()), 10, "the namespaces are gone")
        self.assertEqual(interfaces(), interfaces_before)
        named = pathlib.Path("/run/netns")
        self.assertFalse(named.exists() and list(named.glob("*halfopen*")))

    def test_three_times(self):
        for number in range(3):
            with self.subTest(number):
                self.kill_in_mid_run(f"out-{number}")

    def test_killed_while_it_starts(self):
        """The worker and PID 1 are not yet tied to their parents in every moment of the start."""
        scenario = self.write(HEALTHY.replace("steps:\n", "steps:\n  - {id: w, idle_for: 60s}\n"))
        for number in range(30):
            with subprocess.Popen([BIN / "halfopen", "run", scenario, "--out", f"s-{number}"],
                                  cwd=self.folder, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL) as process:
                # Spread over the tens of milliseconds that the start takes.
                wait_until(lambda: (self.folder / f"s-{number}").exists(), 10, "it has started")
                deadline = time.monotonic() + number * 0.004
                while time.monotonic() < deadline:
                    pass
                process.kill()
                process.wait(timeout=10)
        wait_until(lambda: not processes_with(str(self.folder)), 10, "every worker is gone")


if __name__ == "__main__":
    unittest.main()
