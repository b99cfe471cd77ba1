"""What a mistaken command line is told, word for word: tests/golden/command_line/errors.txt.

Each case is a line "$ COMMAND", its exit status, and what stands on standard error. To write the
answers anew: HALFOPEN_GOLDEN=write ctest -R command_line.errors
"""

import os
import pathlib
import shlex
import subprocess
import tempfile
import unittest

from harness_support import HEALTHY

BIN = pathlib.Path(os.environ["HALFOPEN_BIN"])
GOLDEN = (pathlib.Path(os.environ["HALFOPEN_SOURCE"]) / "tests/golden/command_line/errors.txt")


def answer(command, folder):
    words = shlex.split(command)
    outcome = subprocess.run([BIN / words[0], *words[1:]], capture_output=True, text=True,
                             cwd=folder, timeout=60, check=False, stdin=subprocess.DEVNULL)
    said = outcome.stderr.replace(str(pathlib.Path(folder).resolve()), "FOLDER")
    return f"{outcome.returncode}\n{said}"


class Errors(unittest.TestCase):
    maxDiff = None

    def test_every_mistake_is_told_as_it_was(self):
        head, *cases = GOLDEN.read_text().split("\n$ ")
        written = head
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "good.yaml").write_text(HEALTHY)
            (pathlib.Path(folder) / "empty").mkdir()
            for case in cases:
                command, _, expected = case.partition("\n")
                said = answer(command, folder)
                written += f"\n$ {command}\n{said}"
                with self.subTest(command):
                    status, _, text = said.partition("\n")
                    self.assertIn(status, ("1", "64"))
                    # One line, and it begins with who speaks.
                    self.assertLessEqual(len(text.strip().splitlines()), 2, text)
                    self.assertTrue(text.startswith(command.split()[0]), text)
                    if os.environ.get("HALFOPEN_GOLDEN") != "write":
                        self.assertEqual(said.strip(), expected.strip())
        if os.environ.get("HALFOPEN_GOLDEN") == "write":
            GOLDEN.write_text(written)


if __name__ == "__main__":
    unittest.main()
