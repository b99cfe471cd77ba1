"""`cpack` makes a .deb whose programs run, whose pages read well, whose completions complete."""

import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["HALFOPEN_BIN"]).parent
PROGRAMS = ("halfopen", "vote-node", "fault-proxy")


def run(*command, **more):
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False,
                             **more)
    assert outcome.returncode == 0, f"{command}: {outcome.stdout}{outcome.stderr}"
    return outcome.stdout


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.folder.name)
        run("cpack", "-B", str(cls.root / "made"), "--config", str(BUILD / "CPackConfig.cmake"))
        (cls.package,) = (cls.root / "made").glob("*.deb")
        cls.tree = cls.root / "tree"
        run("dpkg-deb", "-x", str(cls.package), str(cls.tree))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def complete(self, program, *words):
        script = ('source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
                  f'_{program.replace("-", "_")}; printf "%s\\n" "${{COMPREPLY[@]}}"')
        path = self.tree / "usr/share/bash-completion/completions" / program
        return run("bash", "-c", script, str(path), program, *words).split()

    def test_it_says_what_it_needs(self):
        fields = run("dpkg-deb", "-f", str(self.package))
        for needed in ("Package: halfopen", "nftables", "iproute2", "libc6", "libsqlite3-0",
                       "libssl3", "Description: "):
            self.assertIn(needed, fields)

    def test_nothing_is_writable_by_others_and_all_belongs_to_root(self):
        for line in run("dpkg-deb", "-c", str(self.package)).splitlines():
            self.assertIn("root/root", line)
            self.assertNotEqual(line[8], "w", line)

    def test_the_programs_run_from_there(self):
        for program in PROGRAMS:
            said = run(str(self.tree / "usr/bin" / program), "--version")
            self.assertTrue(said.startswith(program + " "), said)
        scenarios = self.tree / "usr/share/halfopen/scenarios/regression"
        said = run(str(self.tree / "usr/bin/halfopen"), "validate", str(scenarios))
        self.assertIn("good", said)

    def test_every_program_has_a_page_with_every_subcommand(self):
        for program in PROGRAMS:
            page = self.tree / f"usr/share/man/man1/{program}.1.gz"
            text = run("zcat", str(page))
            help_text = run(str(self.tree / "usr/bin" / program), "--help")
            options = {word.split("=")[0] for word in help_text.replace(",", " ").split()
                       if word.startswith("--")}
            self.assertGreater(len(options), 1, program)
            for option in options:
                self.assertIn(option.replace("-", "\\-"), text, program)
        page = run("zcat", str(self.tree / "usr/share/man/man1/halfopen.1.gz"))
        for heading in (".SH NAME", ".SH SYNOPSIS", '.SS "run"', "time\\-budget", "Exit status"):
            self.assertIn(heading, page)

    def test_pages_are_troff_that_nobody_complains_about(self):
        for program in PROGRAMS:
            page = subprocess.run(["zcat", self.tree / f"usr/share/man/man1/{program}.1.gz"],
                                  capture_output=True, check=True).stdout
            outcome = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page,
                                     capture_output=True, timeout=60, check=False)
            self.assertEqual(outcome.stderr.decode(), "", program)
            self.assertEqual(outcome.returncode, 0)

    def test_completions_offer_what_there_is(self):
        self.assertIn("validate", self.complete("halfopen", ""))
        self.assertIn("--time-budget", self.complete("halfopen", "run", "--ti"))
        self.assertEqual(self.complete("halfopen", "run", "--world", "k"), ["kernel"])
        self.assertIn("keygen", self.complete("vote-node", "key"))
        self.assertIn("add", self.complete("fault-proxy", "ctl", "a"))
        self.assertIn("--toxicity", self.complete("fault-proxy", "ctl", "add", "--tox"))
        for shell in ("zsh/vendor-completions/_halfopen",
                      "fish/vendor_completions.d/halfopen.fish"):
            self.assertIn("validate", (self.tree / "usr/share" / shell).read_text())

    def test_the_service_is_there(self):
        unit = self.tree / "usr/lib/systemd/system/vote-node.service"
        self.assertIn("/usr/bin/vote-node", unit.read_text())


if __name__ == "__main__":
    unittest.main()
