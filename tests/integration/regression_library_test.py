"""What every scenario of the regression library must say of itself, and what its README says."""

import os
import pathlib
import re
import sys
import unittest

SOURCE = pathlib.Path(os.environ["HALFOPEN_SOURCE"])
LIBRARY = SOURCE / "scenarios" / "regression"
sys.path.insert(0, str(SOURCE / "ci"))
sys.dont_write_bytecode = True

import mutate_library  # noqa: E402  (beside ci/mutate, which runs it)

SCENARIOS = sorted(LIBRARY.glob("*.yaml"))


class RegressionLibrary(unittest.TestCase):
    def test_it_is_a_library(self):
        self.assertGreaterEqual(len(SCENARIOS), 40)

    def test_each_begins_with_its_idea_and_has_a_source(self):
        for path in SCENARIOS:
            with self.subTest(path.name):
                text = path.read_text(encoding="utf-8")
                self.assertRegex(text, r"\A# [A-Z\"]", "the first line is the idea")
                self.assertRegex(text, r"(?m)^# Source: .*(https?://|scenarios/profiles/)")
                self.assertIn(f"\nname: {path.stem}\n", text)
                self.assertTrue(mutate_library.tags_of(path), "no tags")

    def test_each_has_controls(self):
        for path in SCENARIOS:
            with self.subTest(path.name):
                self.assertRegex(path.read_text(encoding="utf-8"), r"(?m)^controls:$")

    def test_the_table_has_each_once(self):
        rows = re.findall(r"^\| `([a-z0-9-]+)` \|", (LIBRARY / "README.md").read_text("utf-8"),
                          re.MULTILINE)
        self.assertEqual(sorted(rows), [path.stem for path in SCENARIOS])

    def test_the_kernel_world_plays_all_that_it_can(self):
        cmake = (SOURCE / "tests/integration/regression.cmake").read_text(encoding="utf-8")
        played = re.search(r"set\(kernel_scenarios ([^)]*)\)", cmake).group(1).split()
        self.assertEqual(played, [path.stem for path in
                                  mutate_library.scenarios_with(SOURCE, "kernel")])

    def test_each_broken_defence_is_claimed_by_a_scenario(self):
        for path in sorted((SOURCE / "ci" / "mutations").glob("*.patch")):
            defence = re.search(r"^Defence: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            if defence:
                with self.subTest(path.name):
                    self.assertTrue(mutate_library.scenarios_with(SOURCE, defence.group(1)))

    def test_each_profile_is_in_a_matrix(self):
        played = "\n".join(path.read_text(encoding="utf-8")
                           for path in LIBRARY.glob("profiles-*.yaml"))
        for file in sorted((SOURCE / "scenarios" / "profiles").glob("*.yaml")):
            for name in re.findall(r"^([a-z0-9-]+):$", file.read_text(encoding="utf-8"),
                                   re.MULTILINE):
                with self.subTest(name):
                    self.assertIn(f"    {name}: {{vars: ", played)


if __name__ == "__main__":
    unittest.main()
