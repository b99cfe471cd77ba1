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
# Runs mostly wait; this many side by side leave two cores room.
JOBS = "24"


def tags_of(path):
    found = TAGS.search(path.read_text(encoding="utf-8"))
    return set(re.split(r"[ ,]+", found.group(1).strip())) if found else set()


def scenarios_with(root, tag):
    return sorted(path.relative_to(root) for path in (root / LIBRARY).glob("*.yaml")
                  if tag in tags_of(path))


def verdicts(run, files, folder, log, broken):
    """Scenario -> what failed in it, "" where all passed; one play of all the files."""
    report = folder / "library.json"
    report.unlink(missing_ok=True)
    code = run(["build/release/bin/halfopen", "run", *map(str, files), "--jobs", JOBS,
                "--json", str(report),
                "--out", f"build/mutate-run-{os.getpid()}-{time.monotonic_ns()}"], log)
    if code not in (EXIT_PASS, EXIT_FAIL):
        raise broken(f"the library ended with exit code {code}, which is no verdict, see {log}")
    found = json.loads(report.read_text(encoding="utf-8"))
    return {scenario["name"]: failures(scenario) for scenario in found["scenarios"]}


def failures(scenario):
    """The first run that failed, with the names of its expectations, and how many more did."""
    runs = [one for one in scenario["runs"] if one["verdict"] == "FAIL"]
    if not runs:
        return ""
    names = [item["id"] for item in runs[0]["expectations"] if item["verdict"] == "FAIL"]
    more = f" (and {len(runs) - 1} more runs)" if len(runs) > 1 else ""
    return f"{runs[0]['id']}: {', '.join(names) or runs[0]['reason'] or 'ended early'}{more}"


def rows(mutations, root, wanted):
    """(mutation, files that must fail); a defence without a scenario is a hole in the library."""
    table = []
    for mutation in mutations:
        defence = mutation.header.get("Defence", "").strip()
        if defence and (not wanted or mutation.name in wanted):
            table.append((mutation, defence, scenarios_with(root, defence)))
    return table
