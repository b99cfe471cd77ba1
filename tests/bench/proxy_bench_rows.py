"""What ci/bench proxy measures: each row is one load against one peer, which gives figures.

A row is measured in rounds. Within a round every peer has its turn, and the order rotates from
round to round, so that a slow minute of the machine falls on all of them.
"""

import json
import pathlib
import select
import statistics
import subprocess
import sys

from proxy_bench_peers import UPSTREAM_PORT

LATENCY_MS = 10
IDLE_CONNECTIONS = 9000
# Each of socat's connections is a process.
IDLE_CONNECTIONS_FORKED = 200
IDLE_SECONDS = 20
NAT_CONNECTIONS = 100
TROUBLE = (RuntimeError, OSError, subprocess.SubprocessError, KeyError)


class Load:
    """proxy_load, pinned away from the proxies."""

    def __init__(self, program, cpu):
        self.prefix = (["taskset", "-c", str(cpu)] if cpu is not None else []) + [program]

    def start(self, command, port, **options):
        words = [command, "--listen", str(UPSTREAM_PORT), "--connect", str(port)]
        for key, value in options.items():
            words += ["--" + key.replace("_", "-"), str(value)]
        return subprocess.Popen(self.prefix + words, stdin=subprocess.PIPE, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, command, port, **options):
        process = self.start(command, port, **options)
        return self.result(process)

    def line(self, process):
        """The next line of figures, while the load goes on."""
        text = process.stdout.readline()
        return json.loads(text) if text else self.result(process)

    def result(self, process):
        out, errors = process.communicate(timeout=900)
        if process.returncode != 0:
            raise RuntimeError(errors.strip() or f"proxy_load ended with {process.returncode}")
        return json.loads(out.strip().splitlines()[-1]) if out.strip() else {}


def pass_time(process, seconds):
    """Lets a load run on; it must not end meanwhile."""
    ended, _, _ = select.select([process.stderr], [], [], seconds)
    if ended:
        raise RuntimeError(process.stderr.read().strip() or "the load ended early")


def meminfo(key):
    for line in pathlib.Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    return 0


def tcp_buffer_bytes():
    for line in pathlib.Path("/proc/net/sockstat").read_text().splitlines():
        if line.startswith("TCP:"):
            words = line.split()
            return int(words[words.index("mem") + 1]) * 4096
    return 0


def kernel_bytes():
    return meminfo("Slab") + tcp_buffer_bytes()


class Bench:
    def __init__(self, load, seconds, quick):
        self.load, self.seconds, self.quick = load, seconds, quick

    def throughput(self, peer, streams):
        before = peer.cpu_seconds()
        run = self.load.run("throughput", peer.port, streams=streams, ms=int(self.seconds * 1000))
        peer.wait_alone()
        cpu = peer.cpu_seconds() - before
        figures = {"gbit_s": run["gbit_s"], "cpu_s_gb": cpu / (run["total_bytes"] / 1e9)}
        if peer.name == "direct":
            del figures["cpu_s_gb"]  # It has no process of its own.
        return figures

    def ping_pong(self, peer, connections):
        return self.load.run("pingpong", peer.port, connections=connections, bytes=64,
                             ms=int(self.seconds * 1000))

    def connects(self, peer):
        run = self.load.run("connect", peer.port, ms=int(self.seconds * 1000))
        if run["failed"]:
            raise RuntimeError(f"{run['failed']} connections failed")
        return run

    def memory(self, peer):
        """Growth by so many idle connections; the kernel's has the load's own sockets in it, which
        `direct` has alone."""
        connections = IDLE_CONNECTIONS_FORKED if peer.name == "socat" else IDLE_CONNECTIONS
        peer.restart()
        self.load.run("pingpong", peer.port, connections=1, ms=50)
        peer.wait_alone()
        pss, kernel = peer.pss_bytes(), kernel_bytes()
        process = self.load.start("hold", peer.port, connections=connections)
        self.load.line(process)
        grown = {"pss_kb": (peer.pss_bytes() - pss) / connections / 1000,
                 "kernel_kb": (kernel_bytes() - kernel) / connections / 1000}
        if peer.name == "direct":
            del grown["pss_kb"]
        process.stdin.close()
        process.wait(60)
        return grown

    def latency(self, peer, connections):
        """What a round trip takes beyond the delay, the relay's own time included."""
        port = peer.port
        if peer.name == "fault-proxy":
            port = peer.port + 1
            self.ensure_latency(peer, port)
        run = self.load.run("pingpong", port, connections=connections, bytes=64,
                            ms=int(self.seconds * 1500), warmup_ms=300)
        return {key: run[key] / 1000 - LATENCY_MS for key in ("min", "p50", "p99", "max")}

    def ensure_latency(self, peer, port):
        if '"latency"' in peer.call("GET", "/proxies"):
            return
        peer.create("latency", port)
        try:
            peer.call("POST", "/proxies/latency/toxics",
                      {"type": "latency", "attributes": {"latency": LATENCY_MS}})
        except RuntimeError:
            peer.call("DELETE", "/proxies/latency")
            raise

    def with_nat(self, peer, timeout_s):
        """A proxy whose NAT resets both sides when it forgets, so that a client can tell when."""
        port = peer.port + 2
        if '"nat"' in peer.call("GET", "/proxies"):
            peer.call("DELETE", "/proxies/nat")  # of a measurement that failed
        peer.create("nat", port)
        peer.call("POST", "/proxies/nat/faults",
                  {"type": "nat", "attributes": {"idle_timeout": f"{timeout_s}s",
                                                 "on_expiry": "rst_both"}})
        return port

    def nat_expiry(self, peer, timeout_s):
        port = self.with_nat(peer, timeout_s)
        try:
            run = self.load.run("nat", port, connections=NAT_CONNECTIONS,
                                data=NAT_CONNECTIONS // 2, probe=NAT_CONNECTIONS // 2,
                                timeout_ms=timeout_s * 1000)
        finally:
            peer.call("DELETE", "/proxies/nat")
        if run["missing"]:
            raise RuntimeError(f"{run['missing']} of {NAT_CONNECTIONS} mappings did not expire")
        return {f"{cause}_{key}": run[cause][key]
                for cause in ("data", "probe") for key in ("min", "p50", "p99", "max")}

    def nat_idle(self, peer, timeout_s, lateness):
        """CPU while so many mappings are watched; and, where `lateness` asks for it, how late those
        of 200 connections expire whose last packet was a byte, and of 200, a probe."""
        peer.restart()
        port = self.with_nat(peer, timeout_s)
        if lateness:
            after = (IDLE_SECONDS + 5) * 1000
            process = self.load.start("nat", port, connections=IDLE_CONNECTIONS, data=200,
                                      probe=200, timeout_ms=timeout_s * 1000, after_ms=after,
                                      spread_ms=5000)
        else:
            process = self.load.start("hold", port, connections=IDLE_CONNECTIONS)
        self.load.line(process)
        pass_time(process, 2)
        before = peer.cpu_seconds()
        pass_time(process, IDLE_SECONDS)
        figures = {"cpu_percent": (peer.cpu_seconds() - before) / IDLE_SECONDS * 100,
                   "interval_s": peer.metric("fault_proxy_nat_sample_interval_seconds",
                                             proxy="nat")}
        if lateness:
            run = self.load.result(process)
            if run["missing"]:
                raise RuntimeError(f"{run['missing']} of 400 mappings did not expire in time")
            figures["late_s"] = max(run["data"]["max"], run["probe"]["max"]) / 1000
            figures["early_s"] = min(run["data"]["min"], run["probe"]["min"]) / 1000
        else:
            process.stdin.close()
            process.wait(60)
        peer.call("DELETE", "/proxies/nat")
        return figures


def measure(name, peers, rounds, work, results, failures):
    """Fills results[(name, peer)] with a list of figures, one for each round."""
    for number in range(rounds):
        order = peers[number % len(peers):] + peers[:number % len(peers)]
        for peer in order:
            if (name, peer.name) in failures:
                continue
            progress(f"{name}: round {number + 1} of {rounds}, {peer.name}")
            try:
                results.setdefault((name, peer.name), []).append(twice(work, peer))
            except TROUBLE as error:
                failures[(name, peer.name)] = str(error)
    progress("")


def twice(work, peer):
    """Once more, if a machine that is busy with something else has spoilt it."""
    try:
        return work(peer)
    except TROUBLE:
        return work(peer)


def take_off_direct(results):
    """What the kernel needed for the load's own sockets is no cost of a proxy's connection."""
    own = [figures["kernel_kb"] for figures in results.pop(("memory", "direct"), ())]
    for (row, _), rounds in results.items():
        if row == "memory" and own:
            for figures in rounds:
                figures["kernel_kb"] -= statistics.median(own)


def progress(text):
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

