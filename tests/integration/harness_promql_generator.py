"""Expressions over a store, drawn from the grammar of the subset: each kind of node has a method,
and each may be drawn wherever PromQL allows its type. Also such texts with a token changed."""

import re

RANGE_FUNCTIONS = ["rate", "increase", "delta", "changes", "resets", "avg_over_time",
                   "min_over_time", "max_over_time", "sum_over_time", "count_over_time",
                   "last_over_time", "stddev_over_time", "stdvar_over_time", "present_over_time"]
AGGREGATORS = ["sum", "min", "max", "avg", "count"]
# Prometheus sums the groups of histogram_quantile in the order of a hash map: what depends on the
# order of a sum has no answer there.
ORDERLESS = ["min", "max", "count"]
# A power with a fractional exponent is known to a few units of its last bit, which a remainder can
# turn into anything.
FRACTIONAL_POWER = re.compile(r"\^(?! *-?\d+(?![\w.]))")
COMPARISONS = ["==", "!=", ">", "<", ">=", "<="]
ARITHMETIC = ["+", "-", "*", "/", "%", "^"]
NUMBERS = ["0", "1", "2", "3", "0.5", "1e1", "1.5e-1", ".25", "5.", "0x1F", "0XfF", "010", "08",
           "Inf", "inf", "NaN", "nan", "1e3", "100"]
DURATIONS = ["1s", "2s", "5s", "300ms", "100ms", "1s500ms", "10s", "1m", "1h30m", "250ms",
             "3s", "700ms"]
SPACES = ["", "", "", " ", "  ", "\n", " # a remark\n", "\t"]
# What a text may be changed to hold: words and signs of the language, and what is outside it.
TOKENS = ["(", ")", "{", "}", "[", "]", ",", "+", "-", "*", "/", "%", "^", "==", "!=", ">", "<",
          ">=", "<=", "=", "=~", "!~", "and", "or", "unless", "on", "ignoring", "bool", "by",
          "without", "offset", "group_left", "atan2", "@", ":", "sum", "topk", "rate", "irate",
          "scalar", "vector", "sort", "absent", "time", "timestamp", "quantile", "stddev",
          "histogram_quantile", "quantile_over_time", "holt_winters", "x", "1", "0x", "1e", "1.5.2",
          "12abc", "5s", "0s", "5s1m", "1.5s", "1e400", "0b1", "1_000", "0x1p2", "inf", "'b'",
          '"p"', "`q`", "'it\\'s'", '"\\x"', '"\\u00e9"', "'\\q'", "__name__", "le", "a", "a:b",
          "start", "end", "(x)", "[5s]", "[5s:1s]", "@ 5", "@ end()", "group_right(a)", "\"open",
          "x{a=~\"[\"}", "x{a=\"1\",a=\"2\"}", "x{}", "x{,}", "$", "!", "~", "#", "by (a)", "5",
          "on()", "ignoring (a,)", "on (a)", "bool on (a)", "SUM", "AND", "RATE", "sum by",
          "changes(x)", "offset -1s", "offset +1s", "offset 1s offset 1s", "x[1s][1s]"]


def quote(random, value):
    """The value as one of PromQL's strings."""
    style = random.random()
    if style < 0.2 and "`" not in value:
        return f"`{value}`"
    mark = '"' if style < 0.7 else "'"
    text = "".join(f"\\{c}" if c in (mark, "\\") else {"\n": "\\n"}.get(c, c) for c in value)
    if random.random() < 0.1:
        text = "".join(f"\\u{ord(c):04x}" if c == "ü" else c for c in text)
    return mark + text + mark


class Generator:
    def __init__(self, random, store):
        self.random = random
        self.metrics = store.metrics
        self.names = {kind: sorted(n for n, k in store.kinds.items() if k == kind)
                      for kind in ("counter", "gauge", "bucket")}
        self.close = ["x", "y", "z", "job:w:sum", "c_total", "d_total", "e_count"]

    def expression(self):
        text = self._any_expression()
        while "%" in text and FRACTIONAL_POWER.search(text):
            text = self._any_expression()
        return text

    def _any_expression(self):
        depth = self.random.choice([1, 2, 2, 3, 3, 4])
        if self.random.random() < 0.05:
            return self.scalar(depth)
        return self.vector(depth)

    def _space(self):
        return self.random.choice(SPACES) if self.random.random() < 0.05 else ""

    def _name(self):
        draw = self.random.random()
        if draw < 0.55:
            return self.random.choice(self.close)
        if draw < 0.57:
            return "nobody_exports_this"
        return self.random.choice(self.names[self.random.choice(["counter", "gauge", "gauge"])])

    def _matcher(self, known):
        label = self.random.choice(sorted(known) * 4 + ["no_such_label"])
        values = sorted(known.get(label, {"v"}))
        value = self.random.choice(values * 3 + [""])
        kind = self.random.choice(["=", "=", "!=", "=~", "!~"])
        if kind in ("=~", "!~"):
            value = self.random.choice([
                re.escape(value).replace("\\ ", " "), ".*", ".+", "", "[1-2]|q", "(?i)P", "n\\d",
                "n[^1]", "(?:1|2)?", "p|q", ".{1}", "^1$", "n.", "\\w+", "[[:alpha:]]", "gr.n", ".",
                "1+?", "(1|n1)"])
        return label + self._space() + kind + self._space() + quote(self.random, value)

    def selector(self, name=None, ranged=False):
        name = name or self._name()
        text = name
        known = self.metrics.get(name, {})
        draw = self.random.random()
        if draw < 0.35:
            matchers = [self._matcher(known) for _ in range(self.random.choice([1, 1, 1, 2, 3]))]
            text += "{" + ",".join(matchers) + self.random.choice(["", "", ","]) + "}"
        elif draw < 0.4:
            text += self._space() + "{}"
        if ranged:
            text += self._space() + "[" + self.random.choice(DURATIONS) + "]"
        if self.random.random() < 0.12:
            text += " offset " + self.random.choice(["", "", "-"]) + self.random.choice(DURATIONS)
        return text

    def scalar(self, depth):
        draw = self.random.random()
        if depth <= 1 or draw < 0.4:
            return self.random.choice(NUMBERS) if draw < 0.9 else "time()"
        if draw < 0.55:
            return f"({self.scalar(depth - 1)})"
        if draw < 0.65:
            return self.random.choice("-+") + self.scalar(depth - 1)
        if draw < 0.75:
            operator = self.random.choice(COMPARISONS) + " bool"
        else:
            operator = self.random.choice(ARITHMETIC)
        return f"{self.scalar(depth - 1)} {operator} {self.scalar(depth - 1)}"

    def _small_number(self):
        return self.random.choice(["0", "1", "2", "0.5", "3", "-1", "100", "1e3"])

    def vector(self, depth):
        if depth <= 1:
            return self.selector() if self.random.random() < 0.5 else self.range_call()
        makers = [(self.range_call, 4), (self.aggregation, 5), (self.vector_scalar, 3),
                  (self.vector_vector, 5), (self.set_operation, 3), (self.absence, 1),
                  (self.quantile, 1), (self.sign, 1), (self.parentheses, 1), (self.plain_call, 2)]
        maker = self.random.choices([m for m, _ in makers], [weight for _, weight in makers])[0]
        return maker(depth)

    def range_call(self, _depth=0):
        if self.random.random() < 0.08:
            return (f"quantile_over_time({self.scalar(2)},{self._space()}"
                    f"{self.selector(ranged=True)})")
        function = self.random.choice(RANGE_FUNCTIONS)
        return f"{function}({self._space()}{self.selector(ranged=True)}{self._space()})"

    def _labels(self):
        labels = self.random.sample(["a", "b", "node", "peer", "le", "nothing", "reason"],
                                    self.random.choice([0, 1, 1, 2, 3]))
        return "(" + ",".join(labels) + (", )" if labels and self.random.random() < 0.1 else ")")

    def aggregation(self, depth, aggregators=None, operand=None):
        name = self.random.choice(aggregators or AGGREGATORS)
        name = name.upper() if self.random.random() < 0.05 else name
        operand = operand or self.vector(depth - 1)
        if "histogram_quantile" in operand and name.lower() not in ORDERLESS:
            name = self.random.choice(ORDERLESS)
        draw = self.random.random()
        if draw < 0.4:
            return f"{name}({operand})"
        grouping = self.random.choice(["by", "without"]) + " " + self._labels()
        if draw < 0.8:
            return f"{name} {grouping} ({operand})"
        return f"{name}({operand}) {grouping}"

    def _operand(self, depth):
        """An operand as it is, or in parentheses where it could be torn apart."""
        text = self.vector(depth - 1)
        return text if self.random.random() < 0.4 else f"({text})"

    def vector_scalar(self, depth):
        operator = self.random.choice(ARITHMETIC + COMPARISONS + [c + " bool" for c in COMPARISONS])
        number = self._small_number() if self.random.random() < 0.7 else f"({self.scalar(depth)})"
        sides = [self._operand(depth), number]
        if self.random.random() < 0.3:
            sides.reverse()
        return f"{sides[0]} {operator} {sides[1]}"

    def _matching(self):
        if self.random.random() < 0.45:
            return ""
        return self.random.choice(["on", "ignoring", "ignoring"]) + " " + self._labels() + " "

    def _pair(self, depth):
        """Two operands that have a good chance of labels that meet."""
        draw = self.random.random()
        if draw < 0.3:
            return self.selector(self.random.choice(self.close)), self.selector(
                self.random.choice(self.close))
        if draw < 0.5:
            grouping = "by " + self._labels()
            return (f"sum {grouping} ({self.vector(depth - 2)})",
                    f"max {grouping} ({self.vector(depth - 2)})")
        if draw < 0.65:
            operand = self.vector(depth - 1)
            return f"({operand})", f"({operand})"
        return self._operand(depth), self._operand(depth)

    def vector_vector(self, depth):
        operator = self.random.choice(ARITHMETIC + COMPARISONS + [c + " bool" for c in COMPARISONS])
        left, right = self._pair(depth)
        return f"{left} {operator} {self._matching()}{right}"

    def set_operation(self, depth):
        operator = self.random.choice(["and", "or", "unless", "AND", "Or"])
        left, right = self._pair(depth)
        return f"{left} {operator} {self._matching()}{right}"

    def absence(self, depth):
        if self.random.random() < 0.4:
            return f"absent_over_time({self.selector(ranged=True)})"
        inner = self.selector() if self.random.random() < 0.6 else self.vector(depth - 1)
        return f"absent({inner})"

    def quantile(self, depth):
        which = self.random.choice(["0.5", "0.9", "0.99", "0", "1", "-1", "2", "NaN",
                                    self.scalar(2)])
        buckets = self.selector(self.random.choice(self.names["bucket"] + ["h_bucket"] * 6))
        draw = self.random.random()
        if draw < 0.3:
            function = self.random.choice(["rate", "increase"])
            name = self.random.choice(self.names["bucket"] + ["h_bucket"] * 6)
            buckets = f"{function}({self.selector(name, ranged=True)})"
        if draw < 0.15:
            buckets = f"sum by (le) ({buckets})"
        if draw > 0.95:
            buckets = self.vector(depth - 1)
        return f"histogram_quantile({which}, {buckets})"

    def sign(self, depth):
        operand = self._operand(depth)
        return self.random.choice("--+") + operand

    def parentheses(self, depth):
        return f"({self._space()}{self.vector(depth - 1)}{self._space()})"

    def plain_call(self, depth):
        inner = self.selector() if self.random.random() < 0.4 else self.vector(depth - 1)
        return f"{self.random.choice(['abs', 'timestamp', 'timestamp'])}({inner})"

    def changed(self, text):
        """The text with one or two of its tokens replaced, dropped, doubled or exchanged."""
        tokens = re.findall(r"\"[^\"]*\"|'[^']*'|`[^`]*`|[\w.:]+|\s+|[=!<>~]+|.", text, re.DOTALL)
        for _ in range(self.random.choice([1, 1, 2])):
            place = self.random.randrange(len(tokens))
            change = self.random.choice(["replace", "replace", "insert", "drop", "double", "swap"])
            if change == "replace":
                tokens[place] = self.random.choice(TOKENS)
            elif change == "insert":
                tokens.insert(place, f" {self.random.choice(TOKENS)} ")
            elif change == "drop":
                tokens[place] = ""
            elif change == "double":
                tokens.insert(place, tokens[place])
            else:
                other = self.random.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
        return "".join(tokens)
