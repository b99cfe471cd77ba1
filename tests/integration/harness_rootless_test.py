"""The same scenario gives the same verdicts as root and as an ordinary user."""

import os
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

from harness_support import BIN, HarnessTest, SOURCE

ORDINARY_USER = 65534


def user_namespaces_allowed():
    if os.geteuid() != 0:
        return subprocess.run(["unshare", "-Un", "true"], check=False).returncode == 0
    return subprocess.run(["setpriv", f"--reuid={ORDINARY_USER}", f"--regid={ORDINARY_USER}",
                           "--clear-groups", "unshare", "-Un", "true"], check=False).returncode == 0


class Rootless(HarnessTest):
    def setUp(self):
        super().setUp()
        # An ordinary user may not be able to enter the build folder.
        self.folder.chmod(0o755)
        for program in ("halfopen", "vote-node", "fault-proxy"):
            shutil.copy(BIN / program, self.folder / program)
        self.scenario = self.folder / "scenario.yaml"
        shutil.copy(SOURCE / "scenarios/regression/keepalive-refreshes-mapping.yaml", self.scenario)
        self.scenario.chmod(0o644)
        self.home = self.folder / "home"
        self.home.mkdir()

    def run_as(self, user):
        command = [self.folder / "halfopen", "run", self.scenario, "--out", self.home / str(user),
                   "--junit", self.home / f"{user}.xml"]
        if user != os.geteuid():
            os.chown(self.home, user, user)
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] + command
        outcome = subprocess.run(command, cwd=self.home, capture_output=True, text=True,
                                 timeout=100, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        tree = ElementTree.parse(self.home / f"{user}.xml")
        return sorted((case.get("classname"), case.get("name"), [child.tag for child in case])
                      for case in tree.iter("testcase"))

    def test_the_same_verdicts(self):
        if not user_namespaces_allowed():
            self.skipTest("this machine forbids user namespaces to ordinary users")
        if os.geteuid() != 0:
            self.assertTrue(self.run_as(os.geteuid()))
            return
        self.assertEqual(self.run_as(0), self.run_as(ORDINARY_USER))

    def test_doctor_says_each_ability(self):
        command = [self.folder / "halfopen", "doctor"]
        # LeakSanitizer looks from a child, and doctor can make none at its end: the first process
        # of its pid namespace has gone, and fork(2) then says ENOMEM (pid_namespaces(7)).
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        outcome = subprocess.run(command, cwd=self.home, capture_output=True, text=True, timeout=60,
                                 env=dict(os.environ, ASAN_OPTIONS=options), check=False)
        self.assertIn(outcome.returncode, (0, 2), outcome.stderr)
        for ability in ("filter", "repair", "mark", "nft", "descriptors"):
            self.assertTrue(re.search(rf"^  (ok|NO)\s+{ability}\b", outcome.stdout, re.M), ability)


if __name__ == "__main__":
    unittest.main()
