"""`halfopen conformance` as its users meet it: what it takes, and what it says where it cannot."""

import os
import shutil
import subprocess
import unittest

from harness_support import BIN, HarnessTest

ORDINARY_USER = 65534
# A user namespace of one's own, in which nobody may make another: what a hardened machine is.
FORBID = "echo 0 > /proc/sys/user/max_user_namespaces"


class Conformance(HarnessTest):
    def test_lists_what_it_compares(self):
        outcome = self.halfopen("conformance", "--list", "flush-*")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("flush-drop", outcome.stdout)
        self.assertNotIn("client-first", outcome.stdout)

    def test_an_unknown_case_names_the_nearest(self):
        outcome = self.halfopen("conformance", "flush-dropp")
        self.assertEqual(outcome.returncode, 64, outcome.stdout)
        self.assertIn('did you mean "flush-drop"?', outcome.stderr)
        self.assertEqual(len(outcome.stderr.strip().splitlines()), 1)

    def test_an_unknown_world_is_refused(self):
        outcome = self.halfopen("conformance", "flush-drop", "--world", "sim")
        self.assertEqual(outcome.returncode, 64)

    def test_one_world_alone_is_held_against_what_is_expected(self):
        outcome = self.halfopen("conformance", "in-time-server-aborts", "--world", "kernel",
                                "--repeat", "2", "--out", self.folder / "out")
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        self.assertIn("ECONNRESET EPIPE EPIPE", outcome.stdout)
        self.assertNotIn("proxy  ", outcome.stdout.split("Left out")[0])
        self.assertEqual(outcome.stdout.strip().splitlines()[-1],
                         "1 case, 2 repetitions: 1 agree, 0 disagree, 0 inconclusive, "
                         "0 verdict changes")

    def test_known_differences_are_disagreements(self):
        listed = self.halfopen("conformance", "--list").stdout.splitlines()
        known = [line.split()[0] for line in listed if line.endswith("(known difference)")]
        self.assertTrue(known)
        outcome = self.halfopen("conformance", *known, "--junit", "known.xml")
        # One that agrees is none any more: move it to the cases of its subject.
        self.assertIn(f" 0 agree, {len(known)} disagree", outcome.stdout, outcome.stdout)
        self.assertEqual(outcome.returncode, 1, outcome.stderr)
        self.assertIn(f'failures="{len(known)}"', (self.folder / "known.xml").read_text())

    def test_without_namespaces_it_says_so_and_how_to_mend_it(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become a user who may not")
        self.folder.chmod(0o777)
        for program in ("halfopen", "fault-proxy"):
            shutil.copy(BIN / program, self.folder / program)
        command = f"cd {self.folder}; exec ./halfopen conformance flush-drop --out out"
        # Root in the outer namespace sets the limit; an ordinary user inside then meets it.
        wrapped = ["unshare", "--user", "--map-root-user", "sh", "-c", FORBID + " && " +
                   "exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "
                   "--ambient-caps=-all sh -c '" + command + "'"]
        outcome = subprocess.run(
            ["setpriv", f"--reuid={ORDINARY_USER}", f"--regid={ORDINARY_USER}", "--clear-groups",
             *wrapped], capture_output=True, text=True, timeout=60, check=False)
        if "max_user_namespaces" in outcome.stderr and "halfopen" not in outcome.stdout:
            self.skipTest("this machine does not let a user namespace limit itself")
        self.assertEqual(outcome.returncode, 2, outcome.stdout + outcome.stderr)
        line = next(line for line in outcome.stdout.splitlines()
                    if line.startswith("INCONCLUSIVE"))
        self.assertIn("namespace", line)
        self.assertIn("max_user_namespaces", line)
        self.assertIn("1 inconclusive", outcome.stdout.strip().splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
