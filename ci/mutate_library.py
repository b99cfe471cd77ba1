"""ci/mutate --library: with any one defence broken, the scenarios that claim it fail by name.

A patch that breaks a defence of the node names it (Defence: keepalive), and so does each scenario
of scenarios/regression that claims it, among its tags. For each such patch the broken node is
built, the scenarios with that tag are run, and every one of them must have a run that fails. Those
that claim no defence at all, only what a box or a kernel does, must go on to pass: a node that
cannot vote any more would fail everything and prove nothing.
"""

import json
import os
import pathlib
import re
import time

LIBRARY = pathlib.Path("scenarios/regression")
TAGS = re.compile(r"^(?:# )?tags: *\[?([^\]\n]*)\]?$", re.MULTILINE)
NO_DEFENCE = "no-defence"
EXIT_PASS, EXIT_FAIL = 0, 1
# Other halves of one file's runs, or of other engineers' builds, share the machine.
JOBS = "24"


def tags_of(path):
    found = TAGS.search(path.read_text(encoding="utf-8"))
    return set(re.split(r"[ ,]+", found.group(1).strip())) if found else set()


def scenarios_with(root, tag):
    return sorted(path.relative_to(root) for path in (root / LIBRARY).glob("*.yaml")
                  if tag in tags_of(path))


def verdicts(run, files, folder, log, broken):
    """Scenario -> the runs that failed, {} of those that passed; one play of all the files."""
    report = folder / "library.json"
    report.unlink(missing_ok=True)
    code = run(["build/release/bin/halfopen", "run", *map(str, files), "--jobs", JOBS,
                "--json", str(report),
                "--out", f"build/mutate-run-{os.getpid()}-{time.monotonic_ns()}"], log)
    if code not in (EXIT_PASS, EXIT_FAIL):
        raise broken(f"the library ended with exit code {code}, which is no verdict, see {log}")
    found = json.loads(report.read_text(encoding="utf-8"))
    return {scenario["name"]: [f"{one['id']}: {', '.join(failed(one))}" for one in scenario["runs"]
                               if one["verdict"] == "FAIL"]
            for scenario in found["scenarios"]}


def failed(one):
    """The names of a run's expectations that failed; its reason where it ended before them."""
    names = [item["id"] for item in one["expectations"] if item["verdict"] == "FAIL"]
    return names or [one["reason"] or "ended early"]


def rows(mutations, root, wanted):
    """(mutation, files that must fail); a defence without a scenario is a hole in the library."""
    table = []
    for mutation in mutations:
        defence = mutation.header.get("Defence", "").strip()
        if defence and (not wanted or mutation.name in wanted):
            table.append((mutation, defence, scenarios_with(root, defence)))
    return table
