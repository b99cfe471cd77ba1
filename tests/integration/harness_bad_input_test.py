"""Bad input: one clear line (where, what was expected), exit 64, and nothing left running."""

import re
import shutil
import subprocess
import sys
import unittest

from harness_support import BIN, HEALTHY, HarnessTest, wait_until

# Stands in for fault-proxy: the same, but what starts has the first fault of each link twice.
TWICE = """#!{python}
import json, os, sys
if "--check-config" not in sys.argv:
    path = sys.argv[sys.argv.index("--config") + 1]
    proxies = json.load(open(path))
    for proxy in proxies:
        proxy["faults"].append(dict(proxy["faults"][0], name="again"))
    json.dump(proxies, open(path, "w"))
os.execv("{real}", ["fault-proxy"] + sys.argv[1:])
"""

SUBCOMMANDS = "run, validate, "


class BadInput(HarnessTest):
    def assert_refused(self, outcome, *parts, status=64):
        self.assertEqual(outcome.returncode, status, outcome.stdout + outcome.stderr)
        said = outcome.stderr + outcome.stdout
        for part in parts:
            self.assertIn(part, said)

    def assert_one_line(self, outcome):
        self.assertEqual(len(outcome.stderr.strip().splitlines()), 1, outcome.stderr)

    def changed(self, old, new):
        self.assertIn(old, HEALTHY)
        return self.run_text(HEALTHY.replace(old, new, 1))

    def test_the_unchanged_scenario_passes(self):
        outcome = self.run_text(HEALTHY)
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)

    def test_what_the_proxy_refuses_at_its_start_is_the_reason(self):
        # Only one that does not as its own check promised gets so far: it is given a NAT twice.
        programs = self.folder / "programs"
        programs.mkdir()
        shutil.copy(BIN / "halfopen", programs)
        (programs / "vote-node").symlink_to(BIN / "vote-node")
        (programs / "fault-proxy").write_text(TWICE.format(python=sys.executable,
                                                           real=BIN / "fault-proxy"))
        (programs / "fault-proxy").chmod(0o755)
        text = HEALTHY.replace("faults: []", "faults: [{nat: {idle_timeout: 9s}}]")
        outcome = subprocess.run([programs / "halfopen", "run", self.write(text)], cwd=self.folder,
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assert_refused(outcome, "fault-proxy refused a part of what the scenario asks for",
                            "the proxy has a nat fault already", status=2)

    def test_a_folder_of_yml_files(self):
        self.write(HEALTHY, "a.yml")
        outcome = self.halfopen("validate", ".")
        self.assertEqual(outcome.returncode, 0, outcome.stdout + outcome.stderr)
        self.assertIn("a.yml: good", outcome.stdout)

    def test_a_folder_without_scenarios(self):
        outcome = self.halfopen("validate", ".")
        self.assert_refused(outcome, "there is no .yaml or .yml file in this folder")
        self.assert_one_line(outcome)

    def test_missing_file(self):
        outcome = self.halfopen("run", "nowhere.yaml")
        self.assert_refused(outcome, "nowhere.yaml", "No such file")
        self.assert_one_line(outcome)

    def test_unknown_key(self):
        outcome = self.changed("steps:", "stepz:")
        self.assert_refused(outcome, "scenario.yaml:", "stepz", "steps")
        self.assert_one_line(outcome)

    def test_wrong_type(self):
        outcome = self.changed("within: 10s", "within: [1]")
        self.assert_refused(outcome, "scenario.yaml:7:", "within")

    def test_duration_without_a_unit(self):
        self.assert_refused(self.changed("within: 10s", "within: 10"), "scenario.yaml:7:", "unit")

    def test_a_metric_that_does_not_exist(self):
        outcome = self.changed("min(votenode_peer_up", "min(votenode_peer_upp")
        self.assert_refused(outcome, "scenario.yaml:7:", "votenode_peer_upp", "votenode_peer_up?")
        self.assert_one_line(outcome)

    def test_a_label_that_the_metric_does_not_have(self):
        outcome = self.changed('up{node="n1"}) == 1\', within', 'up{nodes="n1"}) == 1\', within')
        self.assert_refused(outcome, "scenario.yaml:7:26:", '"nodes"', 'did you mean "node"?')
        self.assert_one_line(outcome)

    def test_a_node_and_a_link_that_the_scenario_does_not_name(self):
        outcome = self.changed('{node="n1"}) == 1\', within', '{node="n3"}) == 1\', within')
        self.assert_refused(outcome, "scenario.yaml:7:26:", 'node="n3"', "n1, n2, fault-proxy")
        self.assert_one_line(outcome)
        condition = 'fault_proxy_connections{proxy="n1-n3"} == 1'
        outcome = self.changed("expect:", f"expect:\n  - {{id: held, always: '{condition}',"
                                          " uncontrolled: no need}")
        self.assert_refused(outcome, "scenario.yaml:10:24:", 'proxy="n1-n3"', '"n1-n2"?')
        self.assert_one_line(outcome)

    def test_an_expression_that_does_not_parse(self):
        outcome = self.changed('{node="n1"}) == 1\', within', '{node="n1") == 1\', within')
        self.assert_refused(outcome, "scenario.yaml:7:")
        self.assert_one_line(outcome)

    def test_unknown_variable(self):
        outcome = self.halfopen("run", self.write(HEALTHY), "--var", "speed=3")
        self.assert_refused(outcome, "speed")

    def test_a_variable_without_a_value(self):
        outcome = self.halfopen("run", self.write(HEALTHY), "--var", "speed")
        self.assert_refused(outcome, "NAME=VALUE")

    def test_an_unknown_fault(self):
        self.assert_refused(self.changed("faults: []", "faults: [{natt: {}}]"), "natt", "nat")

    def test_a_program_that_does_not_exist(self):
        outcome = self.changed("n2: {preset: naive}", "n2: {command: [no-such-program]}")
        self.assert_refused(outcome, "scenario.yaml:4:", "no-such-program")

    def test_a_node_configuration_that_the_node_refuses(self):
        outcome = self.changed("n2: {preset: naive}", "n2: {pingg: {enabled: true}}")
        self.assert_refused(outcome, "scenario.yaml:4:", "n2", "pingg", "ping")
        self.assert_one_line(outcome)

    def test_a_fault_attribute_that_the_proxy_refuses(self):
        fault = "{nat: {idle_timeout: 3s, on_next_packet: dorp}}"
        outcome = self.changed("faults: []", f"faults: [{fault}]")
        self.assert_refused(outcome, "scenario.yaml:5:", "dorp", "drop")
        self.assert_one_line(outcome)
        later = "  - {id: late, set_fault: {link: n1-n2, peer_restart: {kind: crush}}}\n"
        outcome = self.run_text(HEALTHY.replace("expect:", later + "expect:"))
        self.assert_refused(outcome, "scenario.yaml:", "crush", "crash")

    def test_validate_finds_them_too(self):
        path = self.write(HEALTHY.replace("n2: {preset: naive}", "n2: {preset: naiv}"))
        self.assert_refused(self.halfopen("validate", path), "scenario.yaml:4:", "naiv")

    def test_validate_names_every_bad_file(self):
        good = self.write(HEALTHY, "good.yaml")
        first = self.write(HEALTHY.replace("steps:", "stepz:"), "first.yaml")
        second = self.write(HEALTHY.replace("within: 10s", "within: 10"), "second.yaml")
        outcome = self.halfopen("validate", first, good, second, "nowhere.yaml")
        self.assert_refused(outcome, "first.yaml:6:", "second.yaml:7:", "nowhere.yaml",
                            "good.yaml: good")
        lines = outcome.stderr.strip().splitlines()
        self.assertEqual(len(lines), 3, outcome.stderr)
        for line in lines:
            self.assertTrue(line.startswith("halfopen: "), line)

    def test_an_output_that_cannot_be_written(self):
        for arguments in (["validate", self.write(HEALTHY)], ["doctor"], ["--help"]):
            with open("/dev/full", "w") as full:
                outcome = subprocess.run([BIN / "halfopen", *arguments], cwd=self.folder,
                                         stdout=full, stderr=subprocess.PIPE, text=True,
                                         timeout=60, check=False)
            self.assertEqual(outcome.returncode, 70, (arguments, outcome.stderr))
            self.assertIn("halfopen: standard output could not be written", outcome.stderr)
            self.assert_one_line(outcome)

    def test_an_unknown_subcommand(self):
        outcome = self.halfopen("frob")
        self.assert_refused(outcome, 'halfopen: unknown subcommand "frob"', SUBCOMMANDS)
        self.assert_one_line(outcome)
        outcome = self.halfopen("vaildate", "x.yaml")
        self.assert_refused(outcome, 'did you mean "validate"?')
        outcome = self.halfopen()
        self.assert_refused(outcome, "halfopen: a subcommand is missing", SUBCOMMANDS)
        self.assert_one_line(outcome)

    def test_an_unknown_option(self):
        for arguments in (["--frob"], ["run", "--frob", "x.yaml"], ["run", "--jobs", "0", "x.yaml"],
                          ["doctor", "x"]):
            outcome = self.halfopen(*arguments)
            self.assert_refused(outcome, "--help")
            self.assertTrue(outcome.stderr.startswith("halfopen: "), outcome.stderr)
            self.assert_one_line(outcome)

    def test_a_process_that_will_not_start(self):
        outcome = self.changed("n2: {preset: naive}", "n2: {command: ['false']}")
        self.assertIn(outcome.returncode, (1, 2), outcome.stdout + outcome.stderr)
        self.assertIn("n2", outcome.stdout)

    def test_an_unreachable_peer_is_inconclusive(self):
        outcome = self.changed("n2: {preset: naive}", "n2: {command: [sleep, '100']}")
        self.assertEqual(outcome.returncode, 2, outcome.stdout + outcome.stderr)
        self.assertIn("the steady state never came", outcome.stdout)

    def test_no_file_at_all(self):
        self.assertEqual(self.halfopen("run").returncode, 64)

    def test_an_unwritable_report(self):
        outcome = self.run_text(HEALTHY, "--junit", "/nowhere/out.xml")
        self.assert_refused(outcome, "/nowhere/out.xml")
        self.assertNotIn("PASS", outcome.stdout, "it is found before anything runs")

    def test_an_earlier_runs_folder_is_not_used_again(self):
        self.assertEqual(self.run_text(HEALTHY).returncode, 0)
        outcome = self.run_text(HEALTHY)
        self.assert_refused(outcome, "earlier run", "--out")
        self.assert_one_line(outcome)

    def test_a_users_own_folder_keeps_its_mode(self):
        out = self.folder / "out"
        out.mkdir()
        out.chmod(0o755)
        self.assertEqual(self.run_text(HEALTHY).returncode, 0)
        self.assertEqual(out.stat().st_mode & 0o777, 0o755)
        self.assertEqual((out / "healthy").stat().st_mode & 0o777, 0o700)

    def test_two_scenarios_of_one_name(self):
        self.write(HEALTHY, "other.yaml")
        outcome = self.halfopen("run", self.write(HEALTHY), "other.yaml")
        self.assert_refused(outcome, "other.yaml", "healthy", "name")
        self.assert_one_line(outcome)

    def test_help_teaches(self):
        outcome = self.halfopen("--help")
        self.assertEqual(outcome.returncode, 0)
        self.assertIn("doctor", outcome.stdout)
        statuses = {"--help": [0, 1, 2, 64, 70, 130], "run": [0, 1, 2, 64, 70, 130],
                    "validate": [0, 2, 64, 70], "doctor": [0, 2, 64, 70],
                    "profiles": [0, 64, 70],
                    "conformance": [0, 1, 2, 64, 70, 130]}
        for command, expected in statuses.items():
            said = self.halfopen(*dict.fromkeys([command, "--help"])).stdout
            said = said[said.index("Exit status"):]
            listed = [int(number) for number in re.findall(r"^  (\d+)  ", said, re.M)]
            self.assertEqual(listed, expected, said)

    def test_a_control_that_passes_is_a_failure(self):
        text = HEALTHY.replace("/steps/vote/cast/count: 2", "/steps/vote/cast/count: 1")
        outcome = self.run_text(text)
        self.assertEqual(outcome.returncode, 1, outcome.stdout + outcome.stderr)
        self.assertIn("proves nothing", outcome.stdout)


class Interrupted(HarnessTest):
    def test_ctrl_c_says_what_it_left(self):
        text = HEALTHY.replace("steps:\n", "steps:\n  - {id: long, idle_for: 100s}\n")
        with subprocess.Popen([BIN / "halfopen", "run", self.write(text), "--out", "out"],
                              cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True) as process:
            wait_until(lambda: list((self.folder / "out").glob("*/n1.log")), 20, "n1 started")
            process.send_signal(2)
            _, said = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        self.assertIn("interrupted", said)


if __name__ == "__main__":
    unittest.main()
