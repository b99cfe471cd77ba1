"""What `--help` says, word for word: tests/golden/help has a file for each command.

A change of these texts is a change for users, so it is seen in review. To write them anew:
HALFOPEN_GOLDEN=write ctest -R command_line.help
"""

import os
import pathlib
import subprocess
import unittest

BIN = pathlib.Path(os.environ["HALFOPEN_BIN"])
GOLDEN = pathlib.Path(os.environ["HALFOPEN_SOURCE"]) / "tests/golden/help"


def help_of(path):
    outcome = subprocess.run([BIN / path[0], *path[1:], "--help"], capture_output=True, text=True,
                             timeout=60, check=True,
                             env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"})
    assert outcome.stderr == "", outcome.stderr
    return outcome.stdout


def subcommands(text):
    inside = False
    for line in text.splitlines():
        if line and not line.startswith(" "):
            inside = line == "Subcommands:"
        elif inside and line.startswith("  ") and not line.startswith("     "):
            yield line.split()[0].rstrip(",")


def every_help(path):
    text = help_of(path)
    yield path, text
    for word in subcommands(text):
        yield from every_help([*path, word])


class Help(unittest.TestCase):
    maxDiff = None

    def test_says_what_it_said(self):
        seen = set()
        for program in ("halfopen", "vote-node", "fault-proxy"):
            for path, text in every_help([program]):
                file = GOLDEN / ("_".join(path) + ".txt")
                seen.add(file.name)
                if os.environ.get("HALFOPEN_GOLDEN") == "write":
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(text)
                self.assertTrue(file.exists(), f"{file} is missing (HALFOPEN_GOLDEN=write)")
                with self.subTest(" ".join(path)):
                    self.assertEqual(file.read_text(), text)
        self.assertEqual({file.name for file in GOLDEN.glob("*.txt")} - seen, set(),
                         "of commands that are gone")

    def test_every_command_says_what_its_exit_status_means(self):
        for path, text in every_help(["halfopen"]):
            with self.subTest(" ".join(path)):
                self.assertIn("Exit status:", text)


if __name__ == "__main__":
    unittest.main()
