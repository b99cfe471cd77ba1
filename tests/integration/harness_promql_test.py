"""Our expressions and a real Prometheus, asked the same about the same samples: whatever Prometheus
answers, values, labels or an error, we answer too.

    harness_promql_test.py -v                        the test: made-up samples, made-up expressions
    PROMQL_EXPRESSIONS=20000 PROMQL_SEEDS="1 2 3"    more of them
    harness_promql_test.py --samples FILE SCENARIO...    the conditions of scenario files over the
                                                     samples of a run

A disagreement is printed with its seed, its expression and its instant. Nothing is rounded away but
the last digits: Go and C raise to a power by different means."""

import concurrent.futures
import contextlib
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

from harness_promql_generator import Generator
from harness_promql_server import PrometheusServer
from harness_promql_store import FIRST_MS, INTERVAL_MS, LAST_MS, LOOKBACK_MS, Store

TOOL = os.environ.get("EXPRESSION_TOOL", "build/release/tests/harness_expression_tool")
SOURCE = pathlib.Path(os.environ.get("HALFOPEN_SOURCE", "."))
PROMTOOL = os.environ.get("PROMTOOL", "promtool")
PROMETHEUS = os.environ.get("PROMETHEUS", "prometheus")

EXPRESSIONS = int(os.environ.get("PROMQL_EXPRESSIONS", "3000"))
SEEDS = [int(seed) for seed in os.environ.get("PROMQL_SEEDS", "1").split()]
INSTANTS = 3
CHANGED_SHARE = 0.25  # of the expressions, once more with a token changed
RELATIVE_ERROR = 1e-9

OUTSIDE = "not in halfopen's subset of PromQL: "
# Where we say no on purpose and Prometheus does not; the README of expressions says why.
STRICTER = ("no process has exposed the metric ", "several series on the ")


# What Prometheus takes and we refuse by name.
OUTSIDE_THE_SUBSET = [
    "topk(1, x)", "bottomk(1, x)", "quantile(0.5, x)", "stddev(x)", "stdvar by (a) (x)", "group(x)",
    'count_values("v", x)', "irate(x[1s])", "idelta(x[1s])", "deriv(x[1s])", "scalar(x)",
    "vector(1)", "sort(x)", "round(x)", "clamp_min(x, 1)", "ln(x)", "pi()", "hour()",
    'label_replace(x, "c", "$1", "a", "(.*)")', "x atan2 y",
    "x * on (a) group_left () sum by (a) (x)", "sum by (a) (x) / on (a) group_right (b) x",
    "x @ 1700000000", "x @ end()", "rate(x[1s] @ start())",
    "max_over_time(x[1s:100ms])", "max_over_time(rate(x[1s])[2s:1s])", '{a="1"}', '{__name__="x"}',
    "sum by (__name__) (x)", "x + on (__name__) x", "by", "and and and", "offset offset 1s",
]


def tool(*arguments, text=""):
    done = subprocess.run([TOOL, *map(str, arguments)], input=text, capture_output=True, text=True,
                          timeout=300, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{TOOL} {arguments[0]}: {done.stderr}")
    return done.stdout


def scenario_files(folder):
    return sorted(path for path in folder.rglob("*.yaml") if "profiles" not in path.parts)


def conditions_of(files):
    return json.loads(tool("conditions", *files))


def same_number(ours, theirs):
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    if math.isinf(ours) or math.isinf(theirs):
        return ours == theirs
    return abs(ours - theirs) <= RELATIVE_ERROR * max(abs(ours), abs(theirs))


def by_labels(samples):
    return {tuple(sorted(labels.items())): value for labels, value in samples}


class Comparison:
    """Counts what was compared, and keeps what disagreed."""

    def __init__(self):
        self.disagreements = []
        self.expressions = 0
        self.with_samples = set()
        self.both_errors = set()
        self.outside = set()
        self.stricter = 0

    def add(self, expression, instants, ours, theirs):
        self.expressions += 1
        if "parse_error" in ours:
            self._parse_error(expression, ours["parse_error"], theirs[0])
            return
        for at_ms, our, their in zip(instants, ours["answers"], theirs):
            why = self._difference(expression, our, their)
            if why:
                self.disagreements.append(f"{expression!r} at {at_ms}: {why}")
                return

    def _parse_error(self, expression, error, their):
        if their.get("error_type") == "bad_data" or their.get("type") in ("matrix", "string"):
            self.both_errors.add(expression)
        elif OUTSIDE in error:
            self.outside.add(expression)
        else:
            self.disagreements.append(f"{expression!r}: ours {error}; theirs {their}")

    def _difference(self, expression, our, their):
        lenient, strict = our["lenient"], our["strict"]
        if strict != lenient:
            if not strict.get("error", "").startswith(STRICTER):
                return f"strict {strict}, lenient {lenient}"
            self.stricter += 1
        if "error" in their or "error" in lenient:
            if "error" in lenient and their.get("error_type") == "execution":
                self.both_errors.add(expression)
                return ""
            return f"ours {lenient}; theirs {their}"
        if their["type"] not in ("vector", "scalar"):
            return f"theirs is a {their['type']}"
        mine = by_labels((one["labels"], float(one["value"])) for one in lenient["samples"])
        other = by_labels(their["samples"])
        if mine.keys() != other.keys():
            return f"ours {mine}; theirs {other}"
        for labels, value in mine.items():
            if not same_number(value, other[labels]):
                return f"{dict(labels)}: ours {value!r}; theirs {other[labels]!r}"
        if mine:
            self.with_samples.add(expression)
        return ""

    def summary(self):
        return (f"{self.expressions} expressions: {len(self.with_samples)} with samples, "
                f"{len(self.both_errors)} refused by both, {len(self.outside)} outside the subset, "
                f"{self.stricter} answers where we are stricter, "
                f"{len(self.disagreements)} disagreements")


def compare(samples, lookback_ms, questions):
    """`questions` is a list of (expression, instants in ms)."""
    lines = "".join(json.dumps({"expression": expression, "at": instants}) + "\n"
                    for expression, instants in questions)
    comparison = Comparison()
    with tempfile.TemporaryDirectory() as folder, \
            PrometheusServer(PROMETHEUS, PROMTOOL, folder, samples, lookback_ms) as server, \
            concurrent.futures.ThreadPoolExecutor(2) as pool:
        def ask(part):
            with contextlib.closing(server.asker()) as asker:
                return [[asker(expression, at) for at in instants] for expression, instants in part]

        halves = [pool.submit(ask, questions[half::2]) for half in range(2)]
        ours = [json.loads(line) for line in
                tool("evaluate", samples, lookback_ms, text=lines).splitlines()]
        theirs = [None] * len(questions)
        for half, answers in enumerate(halves):
            theirs[half::2] = answers.result()
    for (expression, instants), our, their in zip(questions, ours, theirs, strict=True):
        comparison.add(expression, instants, our, their)
    return comparison


def compare_run(samples, files, lookback_intervals=3, interval_ms=INTERVAL_MS, instants=20):
    """The conditions of scenario files over the samples that a run left behind."""
    times = [float(line.rsplit(" ", 1)[1]) for line in
             pathlib.Path(samples).read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    first, last = int(min(times) * 1000), int(max(times) * 1000)
    at = [first + (last - first) * step // instants for step in range(instants + 1)]
    questions = [(condition, at) for condition in conditions_of(files)]
    return compare(samples, lookback_intervals * interval_ms, questions)


def without_filters(condition):
    """A condition that says how each comparison came out, so that there is always an answer."""
    return re.sub(r" (==|!=|>=|<=|>|<) (?!bool)", r" \1 bool ", condition)


def made_up_questions(source, generator, conditions):
    def instants():
        drawn = [source.randrange(FIRST_MS, LAST_MS) for _ in range(INSTANTS - 1)]
        # Half of them on the edges of ranges and of the lookback.
        drawn[0] -= (drawn[0] - FIRST_MS) % INTERVAL_MS
        return drawn + [source.choice([LAST_MS + 200, FIRST_MS, LAST_MS + 5000,
                                       FIRST_MS + 20_000, source.randrange(FIRST_MS, LAST_MS)])]

    questions = [(condition, [at for _ in range(5) for at in instants()])
                 for condition in [*conditions, *map(without_filters, conditions)]]
    questions += [(text, [LAST_MS]) for text in OUTSIDE_THE_SUBSET]
    made = 0
    while made < EXPRESSIONS:
        expression = generator.expression()
        if len(expression) > 2000:
            continue
        questions.append((expression, instants()))
        made += 1
        if source.random() < CHANGED_SHARE:
            changed = generator.changed(expression)
            # What the changes made of these may have no one answer, see the generator.
            if "histogram_quantile" not in changed and "^" not in changed:
                questions.append((changed, instants()[:1]))
    return questions


class Promql(unittest.TestCase):
    def test_every_expression_means_what_prometheus_says(self):
        conditions = conditions_of(scenario_files(SOURCE / "scenarios"))
        self.assertGreater(len(conditions), 5, "the library's conditions were not found")
        definitions = json.loads(tool("metrics"))
        for seed in SEEDS:
            source = random.Random(seed)
            store = Store(source, definitions, conditions)
            questions = made_up_questions(source, Generator(source, store), conditions)
            with tempfile.NamedTemporaryFile("w", suffix=".om", encoding="utf-8") as samples:
                samples.write(tool("write", text=store.text()))
                samples.flush()
                comparison = compare(samples.name, LOOKBACK_MS, questions)
            print(f"seed {seed}: {comparison.summary()}", file=sys.stderr)
            shown = "\n".join(comparison.disagreements[:20])
            self.assertFalse(comparison.disagreements, f"seed {seed}:\n{shown}")
            self.assertGreater(len(comparison.with_samples), EXPRESSIONS // 2)
            self.assertGreater(len(comparison.both_errors), EXPRESSIONS // 20)
            self.assertLessEqual(set(OUTSIDE_THE_SUBSET), comparison.outside)
            library = comparison.with_samples.intersection(map(without_filters, conditions))
            self.assertGreater(len(library), len(conditions) // 2)

    def test_the_table_of_the_unit_test_is_prometheus_own(self):
        table = SOURCE / "tests/unit/harness_judge_promql.yaml"
        checked = subprocess.run([PROMTOOL, "test", "rules", table], capture_output=True, text=True,
                                 timeout=60, check=False)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


def main():
    if "--samples" not in sys.argv:
        unittest.main()
    place = sys.argv.index("--samples")
    comparison = compare_run(sys.argv[place + 1], sys.argv[place + 2:])
    print(comparison.summary())
    print("\n".join(comparison.disagreements))
    sys.exit(1 if comparison.disagreements else 0)


if __name__ == "__main__":
    main()
