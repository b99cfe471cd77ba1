"""How ci/bench proxy's figures become a table, and what each is to reach."""

import pathlib
import resource
import statistics

# A column for each peer; those of one column are never on the same line.
COLUMNS = (("fault-proxy",), ("haproxy", "haproxy tuned"), ("nginx", "nginx tuned"), ("socat",),
           ("direct", "bare delayer"))
TUNED = ("haproxy tuned", "nginx tuned")


class Line:
    """One line: a figure of a row, for each peer that has it (or only for these)."""

    def __init__(self, label, row, key, digits=1, target=None, only=()):
        self.label, self.row, self.key, self.digits, self.target = label, row, key, digits, target
        self.only = only

    def shows(self, peer):
        return peer in self.only if self.only else peer not in TUNED


def at_least(peer, factor):
    def judge(get, line):
        wanted = get(line, peer) * factor
        return f">= {factor:g} x {peer}: {number(wanted, line.digits)}", get(line) >= wanted
    return judge


def at_most(peer, factor):
    def judge(get, line):
        wanted = get(line, peer) * factor
        return f"<= {factor:g} x {peer}: {number(wanted, line.digits)}", get(line) <= wanted
    return judge


def below(limit, unit):
    def judge(get, line):
        return f"<= {limit:g} {unit}", get(line) <= limit
    return judge


def never_early(get, line):
    return ">= 0", get(line) >= 0


def lines():
    yield from relay_lines()
    yield from fault_lines()


def relay_lines():
    for streams in ("1 stream", "16 streams"):
        row = f"throughput {streams}"
        yield Line(f"throughput, {streams} (Gbit/s)", row, "gbit_s", 2, at_least("haproxy", 1.35))
        yield Line("  CPU (s a GB)", row, "cpu_s_gb", 3, at_most("haproxy", 0.45))
        yield Line("  peers with larger buffers, pipes", row, "gbit_s", 2, only=TUNED)
        yield Line("  their CPU (s a GB)", row, "cpu_s_gb", 3, only=TUNED)
    yield Line("connections a second", "connections", "per_second", 0, at_least("nginx", 1))
    yield Line("ping-pong, 1: p50 (us)", "ping-pong 1", "p50", 1, at_most("haproxy", 1))
    yield Line("  p99 (us)", "ping-pong 1", "p99")
    yield Line("  p99.9 (us)", "ping-pong 1", "p999")
    yield Line("  round trips a second", "ping-pong 1", "per_second", 0)
    yield Line("ping-pong, 50: p50 (us)", "ping-pong 50", "p50")
    yield Line("  p99 (us)", "ping-pong 50", "p99")
    yield Line("  p99.9 (us)", "ping-pong 50", "p999")
    yield Line("  round trips a second", "ping-pong 50", "per_second", 0, at_least("haproxy", 1))
    yield Line("an idle connection: PSS (KB)", "memory", "pss_kb", 2, below(3, "KB"))
    yield Line("  of the kernel (KB)", "memory", "kernel_kb", 2)


def fault_lines():
    for count in ("1", "100"):
        row = f"latency {count}"
        yield Line(f"latency 10 ms, {count}: error p50 (ms)", row, "p50", 3,
                   below(0.25, "ms"))
        yield Line("  error p99 (ms)", row, "p99", 3, at_most("bare delayer", 1.2))
    for seconds in (3, 30):
        row = f"nat expiry {seconds} s"
        limits = {"data": 10, "probe": max(10, seconds * 1000 / 50)}
        for cause, limit in limits.items():
            yield Line(f"NAT {seconds} s after {cause}: late p50 (ms)", row,
                       f"{cause}_p50", 2)
            yield Line("  late p99 (ms)", row, f"{cause}_p99", 2, below(limit, "ms"))
            yield Line("  earliest (ms)", row, f"{cause}_min", 2, never_early)
    for seconds in (60, 350):
        row = f"nat idle {seconds} s"
        yield Line(f"9,000 idle, nat {seconds} s: CPU (% core)", row, "cpu_percent", 2,
                   below(1, "%"))
        yield Line("  sampling interval (s)", row, "interval_s", 3,
                   below(seconds / 20, "s"))
        yield Line("  late, most of 400 (s)", row, "late_s", 3, below(seconds / 20, "s"))
        yield Line("  earliest (s)", row, "early_s", 3, never_early)


class Figures:
    def __init__(self, results):
        self.results = results

    def of(self, line, peer):
        return [figures[line.key] for figures in self.results.get((line.row, peer), ())
                if line.key in figures]

    def get(self, line, peer="fault-proxy"):
        return statistics.median(self.of(line, peer))

    def judge(self, line):
        """(what is to be reached, whether it was), or nothing where that cannot be said."""
        try:
            return line.target(self.get, line) if line.target else None
        except statistics.StatisticsError:
            return None


def number(value, digits):
    if abs(value) >= 10000:
        return f"{value / 1000:.1f}k"
    return f"{value:,.{0 if abs(value) >= 1000 else digits}f}"


def cell(values, digits):
    if not values:
        return ""
    text = number(statistics.median(values), digits)
    if len(values) > 1:
        text += f" {number(min(values), digits)}..{number(max(values), digits)}"
    return text


def show(results, failures, where, seconds):
    figures = Figures(results)
    columns = [names for names in COLUMNS if any(peer in names for _, peer in results)]
    heads = [", ".join(name for name in names
                       if name not in TUNED and any(peer == name for _, peer in results))
             for names in columns]
    table = [["", *heads, "/haproxy", "/nginx", "to reach", ""]]
    for line in lines():
        cells = [cell(sum((figures.of(line, name) for name in names if line.shows(name)), []),
                      line.digits) for names in columns]
        if not any(cells):
            continue
        judged = figures.judge(line)
        table.append([line.label, *cells, ratio(figures, line, "haproxy"),
                      ratio(figures, line, "nginx"), judged[0] if judged else "",
                      ("met" if judged[1] else "NOT MET") if judged else ""])
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(text.ljust(width) if i == 0 else text.rjust(width)
                        for i, (text, width) in enumerate(zip(row, widths))).rstrip())
    print()
    tell_of_more(figures)
    print(f"median smallest..largest of interleaved rounds; {where}; {seconds:.0f} s")
    for (row, peer), why in failures.items():
        print(f"not measured: {row}, {peer}: {why}")
    missed = unmet(results)
    print(f"to reach and not met: {len(missed)}" + "".join(f"\n  {text}" for text in missed))


def tell_of_more(figures):
    """What more connections than a process may have here would take."""
    try:
        pss, kernel = (figures.get(Line("", "memory", key)) for key in ("pss_kb", "kernel_kb"))
    except statistics.StatisticsError:
        return
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = pathlib.Path("/proc/sys/fs/nr_open").read_text().strip()
    print(f"100,000 connections would take 200,000 descriptors (a process may have {limit:,} here; "
          f"`ulimit -Hn` up to fs.nr_open, {int(most):,}),\n"
          f"about {pss * 100:,.0f} MB of the proxy's memory and {kernel * 100:,.0f} MB of the "
          "kernel's, and a range of ports or of addresses for each 60,000")


def ratio(figures, line, peer):
    ours, theirs = figures.of(line, "fault-proxy"), figures.of(line, peer)
    if line.only:
        theirs = figures.of(line, peer + " tuned")
    if not ours or not theirs or statistics.median(theirs) == 0:
        return ""
    return f"{statistics.median(ours) / statistics.median(theirs):.2f}"


def unmet(results):
    figures = Figures(results)
    found = []
    for line in lines():
        judged = figures.judge(line)
        if judged and not judged[1]:
            found.append(f"{line.row}, {line.key}: {number(figures.get(line), line.digits)}, "
                         f"to reach {judged[0]}")
    return found
