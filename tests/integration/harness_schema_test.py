"""`halfopen schema` against every scenario and against what the programs themselves know; `list`
and `fmt` as a user calls them."""

import json
import re
import subprocess
import unittest

import jsonschema
import yaml
from harness_support import BIN, HEALTHY, HarnessTest, SOURCE

SCENARIOS = SOURCE / "scenarios"
GOLDEN = SOURCE / "tests" / "golden" / "malformed"
# Profiles are data, not scenarios.
FILES = [path for path in sorted(SCENARIOS.rglob("*.yaml")) if path.parent.name != "profiles"]
# What the schema alone can see; the rest needs the binder.
SEEN_BY_THE_SCHEMA = [
    "key-claim", "no-claim", "cost-zero", "tags-text", "node-key-typo", "node-preset-typo",
    "node-time-without-unit", "node-off-for-a-map", "link-key-typo", "fault-unknown",
    "fault-attribute-typo", "fault-expiry-typo", "fault-time-without-unit", "step-unknown",
    "step-two-actions", "step-no-action", "expect-unknown", "expect-no-id",
    "expect-step-as-text", "expect-invariant-typo", "matrix-value-key-typo",
]
# Given by the harness, not by the scenario.
OF_THE_WORLD = {"name", "listen", "admin", "events", "peers", "key", "insecure_seed"}


class Loader(yaml.SafeLoader):
    """YAML 1.2's core schema, as halfopen and editors have it: `yes` and dates are texts."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


class Schema(HarnessTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        said = subprocess.run([f"{BIN}/halfopen", "schema"], check=True, capture_output=True)
        cls.schema = json.loads(said.stdout)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def mistakes(self, text):
        return [error.message for error in self.validator.iter_errors(yaml.load(text, Loader))]

    def test_it_is_a_schema(self):
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_every_scenario_is_good(self):
        self.assertGreater(len(FILES), 5)
        for file in FILES:
            with self.subTest(str(file)):
                self.assertEqual(self.mistakes(file.read_text()), [])

    def test_malformed_ones_are_not(self):
        for name in SEEN_BY_THE_SCHEMA:
            with self.subTest(name):
                self.assertNotEqual(self.mistakes((GOLDEN / f"{name}.yaml").read_text()), [])

    def test_a_node_has_what_vote_node_has(self):
        said = subprocess.run([f"{BIN}/vote-node", "schema"], check=True, capture_output=True)
        theirs = json.loads(said.stdout)["properties"]
        definitions = self.schema["$defs"]
        ours = definitions["node"]["properties"]
        self.assertEqual(set(ours) - {"command", "sysctls"}, set(theirs) - OF_THE_WORLD)
        for name, key in theirs.items():
            if name in OF_THE_WORLD or key.get("type") != "object":
                continue
            inner = definitions[ours[name]["$ref"].rsplit("/", 1)[1]]["properties"]
            self.assertEqual(set(inner), set(key["properties"]), name)

    def test_a_fault_has_what_fault_proxy_has(self):
        said = subprocess.run([f"{BIN}/fault-proxy", "faults"], check=True, capture_output=True,
                              text=True).stdout
        theirs = {}
        for paragraph in said.split("\n\n"):
            fault = re.match(r"([a-z_]+): ", paragraph)
            if fault and "fault-proxy ctl add" in paragraph:
                theirs[fault[1]] = set(re.findall(r"^    ([a-z_]+)  ", paragraph, re.MULTILINE))
        faults = self.schema["$defs"]["fault"]["properties"]
        only_a_lab = {"one_way_loss", "link_down"}
        self.assertEqual(set(faults) - only_a_lab, set(theirs))
        for name, attributes in theirs.items():
            ours = set(self.schema["$defs"][name]["properties"])
            self.assertEqual(ours - {"name", "stream", "toxicity"}, attributes, name)


class List(HarnessTest):
    def test_a_folder(self):
        outcome = self.halfopen("list", str(SCENARIOS / "regression"))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        lines = outcome.stdout.splitlines()
        self.assertRegex(lines[0], r"^NAME +RUNS +COST +AT MOST +TAGS +CLAIM$")
        self.assertEqual(len(lines) - 1, len(list((SCENARIOS / "regression").glob("*.yaml"))))

    def test_as_json_with_a_bad_file_among_good_ones(self):
        good = str(SCENARIOS / "regression" / "keepalive-refreshes-mapping.yaml")
        outcome = self.halfopen("list", "--json", str(GOLDEN / "cost-zero.yaml"), good)
        self.assertEqual(outcome.returncode, 64)
        self.assertIn("cost-zero.yaml:5:7:", outcome.stderr)
        listed = json.loads(outcome.stdout)
        self.assertEqual([one["name"] for one in listed], ["keepalive-refreshes-mapping"])
        self.assertEqual(listed[0]["runs"], 2)
        self.assertGreater(listed[0]["longest_seconds"], 5)


class Format(HarnessTest):
    def test_check_then_write_then_check(self):
        file = self.folder / "mine.yaml"
        untidy = "# mine\n" + HEALTHY + "   \n\n\n"
        file.write_text(untidy)
        file.chmod(0o640)
        checked = self.halfopen("fmt", "--check", str(file))
        self.assertEqual(checked.returncode, 1, checked.stderr)
        self.assertIn("mine.yaml: is laid out otherwise", checked.stdout)
        self.assertEqual(file.read_text(), untidy)
        self.assertEqual(self.halfopen("fmt", "--write", str(file)).returncode, 0)
        self.assertNotEqual(file.read_text(), untidy)
        self.assertTrue(file.read_text().startswith("# mine\n\n"))
        self.assertEqual(file.stat().st_mode & 0o777, 0o640)
        self.assertEqual(self.halfopen("fmt", "--check", str(file)).returncode, 0)
        self.assertEqual(self.halfopen("fmt", str(file)).stdout, file.read_text())

    def test_what_is_no_yaml(self):
        outcome = self.halfopen("fmt", str(GOLDEN / "unclosed-brace.yaml"))
        self.assertEqual(outcome.returncode, 64)
        self.assertRegex(outcome.stderr, r"unclosed-brace.yaml:[0-9]+:[0-9]+: ")


if __name__ == "__main__":
    unittest.main()
