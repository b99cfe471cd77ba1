#!/usr/bin/env python3
"""fault-proxy beside HAProxy, nginx and socat, in one run, as one table: ci/bench proxy.

ci/bench builds the programs and calls this in a network namespace of its own, so ports are free and
nothing else uses the loopback. Proxies run on one core, the load (client and server in one thread)
on another. A figure is the median of interleaved rounds, with the smallest and the largest.

    --quick         fewer and shorter rounds, no 30 s and no 60 s of waiting: under three minutes
    --only TEXT     only rows whose name has this text; may be repeated
    --rounds N      instead of the rows' own
    --json FILE     every figure of every round as well
    --demand        exit 1 if something that is to be reached was not
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import proxy_bench_peers as peers  # noqa: E402
import proxy_bench_rows as rows  # noqa: E402
import proxy_bench_table as table  # noqa: E402


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ci/bench proxy", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--demand", action="store_true")
    return parser.parse_args(arguments)


def plan(bench, quick, fault_proxy, relays, tuned, delayer):
    """(name, peers, rounds, work) of each row, in the table's order."""
    direct = peers.Direct()
    many, few = (2, 1) if quick else (5, 3)
    everybody = [direct, *relays]
    alone = [fault_proxy]
    planned = [
        ("throughput 1 stream", everybody + tuned, many, lambda peer: bench.throughput(peer, 1)),
        ("throughput 16 streams", everybody + tuned, many, lambda peer: bench.throughput(peer, 16)),
        ("connections", everybody, many, bench.connects),
        ("ping-pong 1", everybody, many, lambda peer: bench.ping_pong(peer, 1)),
        ("ping-pong 50", everybody, many, lambda peer: bench.ping_pong(peer, 50)),
        ("latency 1", [fault_proxy, delayer], many, lambda peer: bench.latency(peer, 1)),
        ("latency 100", [fault_proxy, delayer], many, lambda peer: bench.latency(peer, 100)),
        ("nat expiry 3 s", alone, few, lambda peer: bench.nat_expiry(peer, 3)),
        ("memory", everybody, few, bench.memory),
        ("nat idle 60 s", alone, 1, lambda peer: bench.nat_idle(peer, 60, not quick)),
        ("nat idle 350 s", alone, 1, lambda peer: bench.nat_idle(peer, 350, False)),
    ]
    if not quick:
        planned.insert(8, ("nat expiry 30 s", alone, 1, lambda peer: bench.nat_expiry(peer, 30)))
    return planned


def main(arguments):
    options = parse(arguments)
    cpus = sorted(os.sched_getaffinity(0))
    proxy_cpu, load_cpu = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)
    program, load = str(options.bin / "bin/fault-proxy"), str(options.bin / "bench/proxy_load")
    limit = peers.descriptors()
    if limit < 2 * rows.IDLE_CONNECTIONS + 100:
        rows.IDLE_CONNECTIONS = (limit - 100) // 2
    began = time.monotonic()
    results, failures = {}, {}
    with tempfile.TemporaryDirectory(prefix="halfopen-bench-") as folder:
        fault_proxy = peers.FaultProxy(program, 21000, 8474, folder, proxy_cpu)
        relays = [fault_proxy, peers.HaProxy("haproxy", 22000, folder, proxy_cpu),
                  peers.Nginx("nginx", 23000, folder, proxy_cpu),
                  peers.Socat("socat", 24000, folder, proxy_cpu)]
        tuned = [peers.HaProxyTuned("haproxy tuned", 22100, folder, proxy_cpu),
                 peers.NginxTuned("nginx tuned", 23100, folder, proxy_cpu)]
        delayer = peers.Delayer(load, 25000, folder, proxy_cpu)
        bench = rows.Bench(rows.Load(load, load_cpu), 1.0 if options.quick else 2.0, options.quick)
        planned = [row for row in plan(bench, options.quick, fault_proxy, relays, tuned, delayer)
                   if not options.only or any(text in row[0] for text in options.only)]
        if not planned:
            print(f"ci/bench proxy: no row has \"{options.only[0]}\" in its name", file=sys.stderr)
            return 64
        started = []
        try:
            for peer in {peer.name: peer for row in planned for peer in row[1]}.values():
                started.append(peer)
                peer.start()
            for name, who, rounds, work in planned:
                rows.measure(name, who, options.rounds or rounds, work, results, failures)
        except RuntimeError as error:
            print(f"ci/bench proxy: {error}", file=sys.stderr)
            return 70
        finally:
            for peer in started:
                peer.stop()
    rows.take_off_direct(results)
    where = (f"proxies on core {proxy_cpu}, load on core {load_cpu}" if load_cpu is not None
             else "one core for proxies and load: ratios say little")
    table.show(results, failures, where, time.monotonic() - began)
    if options.json:
        options.json.write_text(json.dumps(
            {"figures": [{"row": row, "peer": peer, "rounds": rounds}
                         for (row, peer), rounds in results.items()],
             "failures": [{"row": row, "peer": peer, "why": why}
                          for (row, peer), why in failures.items()]}, indent=1) + "\n")
    unmet = table.unmet(results)
    return 1 if failures or (options.demand and unmet) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
