"""Each malformed file in tests/golden/malformed gets the one line that stands beside it.

The line has the file, the line and the column, what was expected, and the nearest valid word where
there is one. After a change of messages, HALFOPEN_GOLDEN=write writes the lines anew: read the
difference as somebody would who was woken by it.
"""

import os
import pathlib
import re
import subprocess
import unittest

from harness_support import BIN, SOURCE

FOLDER = SOURCE / "tests" / "golden" / "malformed"
REWRITE = os.environ.get("HALFOPEN_GOLDEN") == "write"
# There is no place in a file that holds nothing.
PLACED = re.compile(r"^halfopen: [a-z0-9-]+\.yaml:[1-9][0-9]*:[1-9][0-9]*: \S")


class Malformed(unittest.TestCase):
    def validate(self, name):
        return subprocess.run([BIN / "halfopen", "validate", name], cwd=FOLDER, text=True,
                              capture_output=True, timeout=60, check=False)

    def test_each_file_gets_its_line(self):
        files = sorted(FOLDER.glob("*.yaml"))
        self.assertGreaterEqual(len(files), 100)
        for file in files:
            with self.subTest(file.name):
                outcome = self.validate(file.name)
                self.assertEqual(outcome.returncode, 64, outcome.stdout + outcome.stderr)
                self.assertEqual(outcome.stdout, "")
                self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
                self.assertRegex(outcome.stderr, PLACED)
                golden = file.with_suffix(".txt")
                if REWRITE:
                    golden.write_text(outcome.stderr)
                self.assertEqual(outcome.stderr, golden.read_text())

    def test_no_line_is_without_its_file(self):
        lines = {path.stem for path in FOLDER.glob("*.txt")}
        self.assertEqual(lines, {path.stem for path in FOLDER.glob("*.yaml")})


if __name__ == "__main__":
    unittest.main()
