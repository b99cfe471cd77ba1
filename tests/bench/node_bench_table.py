"""How ci/bench node's figures become a table: vote-node beside gRPC, and who is ahead."""

import statistics

from node_bench_rows import CUT_SECONDS, OUTSTANDING
from proxy_bench_table import cell

OURS, THEIRS = "vote-node", "grpc-vote-node"
# (label, key, digits, whether more is better)
LOAD = (("votes/s", "per_second", 0, True), ("p50 (ms)", "p50", 2, False),
        ("p99 (ms)", "p99", 2, False), ("CPU (s for 1,000 votes)", "cpu", 3, False))
FAULTS = (("black hole, new dials pass", "forgotten"),
          (f"black hole of {CUT_SECONDS} s, after it", "cut"), ("RST", "reset"),
          ("kill -9 and restart of the peer", "restart"))


def row_name(durable, tls):
    return f"votes {'durable' if durable else 'memory'} {'tls' if tls else 'plaintext'}"


def lines():
    """(label, row, key, digits, whether more is better)"""
    for durable in (True, False):
        for tls in (True, False):
            row = row_name(durable, tls)
            for outstanding in OUTSTANDING:
                label = (f"{'durable' if durable else 'in memory'}, "
                         f"{'TLS' if tls else 'plaintext'}, {outstanding} under way: ")
                for name, key, digits, more in LOAD:
                    yield label + name, row, f"{outstanding}_{key}", digits, more
                    label = "  "
    for label, row in FAULTS:
        yield label + ": votes flow after (s)", f"fault {row}", "s", 3, False


def judge(ours, theirs, more):
    """By medians; apart by less than a twentieth is the same."""
    ratio = statistics.median(ours) / max(statistics.median(theirs), 1e-9)
    better = ratio if more else 1 / max(ratio, 1e-9)
    verdict = "ahead" if better > 1.05 else "BEHIND" if better < 0.95 else "same"
    return f"{ratio:.2f}", verdict


def judged_lines(results):
    for label, row, key, digits, more in lines():
        ours, theirs = ([figures[key] for figures in results.get((row, peer), ())
                         if key in figures] for peer in (OURS, THEIRS))
        if not ours and not theirs:
            continue
        ratio, verdict = judge(ours, theirs, more) if ours and theirs else ("", "")
        yield label, cell(ours, digits), cell(theirs, digits), ratio, verdict


def show(results, failures, notes):
    table = [("", OURS, THEIRS, "ratio", ""), *judged_lines(results)]
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    for row in table:
        print("  ".join(text.ljust(width) if i == 0 else text.rjust(width)
                        for i, (text, width) in enumerate(zip(row, widths))).rstrip())
    print()
    for note in notes:
        print(note)
    for (row, peer), why in failures.items():
        print(f"not measured: {row}, {peer}: {why}")
    behind = unmet(results)
    print(f"behind on {len(behind)} of {len(table) - 1} lines"
          + "".join(f"\n  {text}" for text in behind))


def unmet(results):
    return [f"{label.strip()}: {ours} to {theirs}"
            for label, ours, theirs, _, verdict in judged_lines(results) if verdict == "BEHIND"]
