#!/usr/bin/env python3
"""vote-node beside the same node on gRPC, in one run, as one table: ci/bench node.

ci/bench builds the programs and calls this in a network namespace of its own. Four nodes of one
kind at a time: nodes 1 and 2 on one core, 3 and 4 on the other, the load wherever there is room.
A vote is cast by POST /votes?wait=peers, which answers when every peer has stored and acknowledged
it. A figure is the median of interleaved rounds, with the smallest and the largest.

    --quick         fewer and shorter rounds: under four minutes
    --only TEXT     only rows whose name has this text; may be repeated
    --rounds N      instead of the rows' own
    --json FILE     every figure of every round as well
    --demand        exit 1 if vote-node is behind anywhere
"""

import argparse
import json
import os
import pathlib
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import node_bench_peers as peers  # noqa: E402
import node_bench_rows as rows  # noqa: E402
import node_bench_table as table  # noqa: E402
import proxy_bench_peers as proxies  # noqa: E402
import proxy_bench_rows as proxy_rows  # noqa: E402


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ci/bench node", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--demand", action="store_true")
    return parser.parse_args(arguments)


def plan(votes, faults, quick):
    """(name, rounds, work) of each row, in the table's order."""
    planned = []
    for durable in (True, False):
        for tls in (True, False):
            planned.append((table.row_name(durable, tls), 2 if quick else 5,
                            lambda cluster, durable=durable, tls=tls:
                            votes.measure(cluster, durable, tls)))
    for name, fault in (("forgotten", faults.forget), ("cut", faults.cut),
                        ("reset", faults.reset), ("restart", faults.restart)):
        planned.append((f"fault {name}", 3 if quick else 11,
                        lambda cluster, fault=fault: faults.measure(cluster, fault)))
    return planned


def notes(folder, seconds, busy):
    calm, watchful = peers.CALM, peers.WATCHFUL
    median, most = peers.sync_microseconds(folder)
    return [
        f"durable: SQLite with a sync for each group of votes, in both; fdatasync takes "
        f"{median:.0f} us here (99 of 100 below {most:.0f} us)",
        "TLS 1.3 with both sides' certificates; every vote is signed and verified also without",
        f"faults: durable, TLS, ping or keep-alive every {watchful['ping_interval']} ms, timeout "
        f"of it and TCP_USER_TIMEOUT {watchful['ping_timeout']} ms, vote-node's ACK deadline the "
        f"same,\n  dials {watchful['dial']} ms, backoff {watchful['backoff'][0]} ms; a vote cast "
        f"right behind the fault. Loads: pings every {calm['ping_interval'] / 1000:.0f} s",
        f"RST: vote-node draws its first redial from 0 to {watchful['backoff'][0]} ms, so that the "
        "peers of a restarted node do not come all at once;\n  gRPC redials at once and "
        "backs off only then",
        "median smallest..largest of interleaved rounds; nodes 1 and 2 on one core, 3 and 4 on the "
        f"other, the load on both; {seconds:.0f} s; load average {busy:.1f} when it began"]


def main(arguments):
    options = parse(arguments)
    cpus = sorted(os.sched_getaffinity(0))[:2]
    proxies.descriptors()
    began, busy = time.monotonic(), os.getloadavg()[0]
    results, failures = {}, {}
    # Beside the build, because /tmp may be memory, where a sync costs nothing.
    with tempfile.TemporaryDirectory(prefix="node-bench-", dir=options.bin) as name:
        folder = pathlib.Path(name)
        vote_node = str(options.bin / "bin/vote-node")
        keys = peers.Keys(folder)
        clusters = [peers.VoteNodes(vote_node, keys, 21000, folder, cpus),
                    peers.GrpcNodes(str(options.bin / "bench/grpc-vote-node"), keys, 22000, folder,
                                    cpus)]
        proxy = proxies.FaultProxy(str(options.bin / "bin/fault-proxy"), None, 8474, folder, None)
        load = proxy_rows.Load(str(options.bin / "bench/proxy_load"), None)
        faults = rows.Faults(proxy, {cluster.name: cluster.port(30) for cluster in clusters})
        votes = rows.Votes(load, 1.0 if options.quick else 2.0)
        planned = [row for row in plan(votes, faults, options.quick)
                   if not options.only or any(text in row[0] for text in options.only)]
        if not planned:
            print(f"ci/bench node: no row has \"{options.only[0]}\" in its name", file=sys.stderr)
            return 64
        try:
            proxy.start()
            for row, rounds, work in planned:
                proxy_rows.measure(row, clusters, options.rounds or rounds, work, results, failures)
        except RuntimeError as error:
            print(f"ci/bench node: {error}", file=sys.stderr)
            return 70
        finally:
            faults.stop()
            proxy.stop()
        table.show(results, failures, notes(folder, time.monotonic() - began, busy))
    if options.json:
        options.json.write_text(json.dumps(
            {"figures": [{"row": row, "peer": peer, "rounds": rounds}
                         for (row, peer), rounds in results.items()],
             "failures": [{"row": row, "peer": peer, "why": why}
                          for (row, peer), why in failures.items()]}, indent=1) + "\n")
    return 1 if failures or (options.demand and table.unmet(results)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
