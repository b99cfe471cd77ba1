"""Made-up samples for the test that holds expressions against Prometheus: counters with resets,
gauges, histograms, gaps, late starts, odd labels and odd values. The same seed, the same samples.

The metrics of the scenario library are among them, with the labels that its conditions select, so
that those have something to look at."""

import itertools
import math
import re

# Seconds before a boundary of Prometheus' two-hour blocks, so that samples lie on both sides.
FIRST_MS = (236112 * 7200 - 20) * 1000
SPAN_MS = 40_000
INTERVAL_MS = 100
LOOKBACK_MS = 300
LAST_MS = FIRST_MS + SPAN_MS

NODES = ["n1", "n2", "n3", "fault-proxy"]
# Labels that Prometheus must quote and that a regular expression can trip over.
ODD_VALUES = ["plain", "two words", "quo\"te", "back\\slash", "line\nbreak", "grün", "a.b", "3"]
BOUNDS = ["0.005", "0.1", "1", "2.5", "+Inf"]


def escape(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def series_text(name, labels):
    inner = ",".join(f'{label}="{escape(value)}"' for label, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


def number_text(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(value)


class Store:
    """`lines` is what the tool's `write` reads; `metrics` is what the generator chooses from."""

    def __init__(self, random, definitions, conditions):
        self.random = random
        self.lines = []
        self.metrics = {}  # name -> {label: set of values}
        self.kinds = {}    # name -> counter, gauge, bucket
        self._selected = self._selectors(conditions)
        for definition in definitions:
            self._add_definition(definition)
        self._add_odd_metrics()

    @staticmethod
    def _selectors(conditions):
        """name -> the label values that conditions ask for, a dictionary each."""
        found = {}
        for condition in conditions:
            for name, inner in re.findall(r"([a-zA-Z_:]\w*)\{([^}]*)\}", condition):
                pairs = re.findall(r'(\w+)\s*=~?\s*"([^"]*)"', inner)
                found.setdefault(name, []).append(dict(pairs))
        return found

    def _times(self):
        """Regular, with gaps; some series begin late or end early. Half of them jitter, and half
        stand on whole intervals, where the edges of ranges and of the lookback lie."""
        first, last = FIRST_MS, LAST_MS
        if self.random.random() < 0.2:
            first += self.random.randrange(SPAN_MS // 2 // INTERVAL_MS) * INTERVAL_MS
        if self.random.random() < 0.2:
            last -= self.random.randrange(SPAN_MS // 2)
        on_the_grid = self.random.random() < 0.5
        phase = 0 if on_the_grid else self.random.randrange(INTERVAL_MS)
        gap_until = 0
        gaps = self.random.choice([0, 0, 0.01, 0.03])
        for at in range(first + phase, last, INTERVAL_MS):
            if at >= gap_until and self.random.random() < gaps:
                gap_until = at + self.random.randrange(100, 5000)
            if at >= gap_until:
                yield at if on_the_grid else at + self.random.randrange(8)

    def _add_series(self, name, labels, values):
        known = self.metrics.setdefault(name, {})
        for label, value in labels.items():
            known.setdefault(label, set()).add(value)
        text = series_text(name, labels)
        for at, value in zip(self._times(), values):
            self.lines.append(f"{text} {number_text(value)} {at}")

    def _gauge(self):
        style = self.random.choice(["flag", "integer", "decimal", "wild", "constant"])
        value = float(self.random.randrange(5))
        while True:
            if style == "flag" and self.random.random() < 0.03:
                value = 0.0 if value else 1.0
            elif style == "integer":
                value += self.random.choice([-1, 0, 0, 1])
            elif style == "decimal":
                value = round(value + self.random.uniform(-1, 1), 3)
            elif style == "wild":
                value = self.random.choice([math.nan, math.inf, -math.inf, -2.5, 0.0, 1e300, 7.0])
            yield value

    def _counter(self):
        value = float(self.random.choice([0, 0, 3, 1000]))
        step = self.random.choice([0, 1, 1, 0.25, 17])
        while True:
            if self.random.random() < 0.01:
                value = float(self.random.randrange(3))
            elif self.random.random() < 0.5:
                value += step
            yield value

    def _add_histogram(self, name, labels):
        growth = [self.random.randrange(3) for _ in BOUNDS]
        for number, bound in enumerate(BOUNDS):
            below = itertools.count(0.0, float(sum(growth[:number + 1])))
            self._add_series(name + "_bucket", {**labels, "le": bound}, below)
        self._add_series(name + "_count", labels, itertools.count(0.0, float(sum(growth))))
        self._add_series(name + "_sum", labels, itertools.count(0.0, 0.125))
        self.kinds[name + "_bucket"] = "bucket"
        self.kinds[name + "_count"] = self.kinds[name + "_sum"] = "counter"

    def _label_sets(self, name, labels):
        """Those that conditions select, with the labels that they leave open, and some more."""
        wanted = [dict(pairs) for pairs in self._selected.get(name, [])] + [{}, {}, {}]
        seen = set()
        for pairs in wanted:
            full = {"node": self.random.choice(NODES)}
            for label in labels:
                pool = ODD_VALUES if label in ("reason", "fault") else NODES
                full[label] = self.random.choice(pool)
            full.update((label, value) for label, value in pairs.items() if label in full)
            key = tuple(sorted(full.items()))
            if key not in seen and len(seen) < 12:
                seen.add(key)
                yield full

    def _add_definition(self, definition):
        name = definition["name"]
        labels = [label for label in definition["labels"].split(",") if label]
        parts = [name]
        if definition["kind"] == "histogram":
            parts = [name + part for part in ("", "_bucket", "_count", "_sum")]
        for part in parts[1:]:
            self._selected.setdefault(name, []).extend(self._selected.get(part, []))
        for full in list(self._label_sets(name, labels)):
            if definition["kind"] == "histogram":
                self._add_histogram(name, full)
            elif definition["kind"] == "counter":
                self._add_series(name, full, self._counter())
                self.kinds[name] = "counter"
            else:
                self._add_series(name, full, self._gauge())
                self.kinds[name] = "gauge"

    def _add_odd_metrics(self):
        """What no program of ours exports, with label sets that meet each other in operators."""
        for name, kind in (("x", "gauge"), ("y", "gauge"), ("z", "gauge"), ("job:w:sum", "gauge"),
                           ("c_total", "counter"), ("d_total", "counter"), ("e_count", "gauge")):
            for a, b in itertools.product("123", ["p", "q"]):
                if self.random.random() < 0.75:
                    values = self._gauge() if kind == "gauge" else self._counter()
                    self._add_series(name, {"a": a, "b": b}, values)
            self.kinds[name] = kind
        for value in ODD_VALUES:
            self._add_series("odd", {"a": value}, self._gauge())
        self._add_series("lonely", {}, self._gauge())
        self._add_series("both", {"a": "1"}, self._gauge())
        self._add_series("both", {"b": "p"}, self._gauge())
        for name in ("odd", "lonely", "both"):
            self.kinds[name] = "gauge"
        for a in "12":
            self._add_histogram("h", {"a": a})
            for bound in ("1", "2", "+Inf", "none"):
                self._add_series("broken_bucket", {"a": a, "le": bound}, self._counter())
        self.kinds["broken_bucket"] = "bucket"

    def text(self):
        return "\n".join(self.lines) + "\n"
