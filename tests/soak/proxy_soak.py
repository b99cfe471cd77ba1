#!/usr/bin/env python3
"""Thousands of connections, random faults of every type all the time: ci/soak proxy.

    --minutes M           how long faults come and go (5; may be a fraction)
    --connections N       open at any time (5000)
    --build PRESET        release, asan-ubsan or tsan: which fault-proxy
    --events FILE         keep the proxy's events here: what was set on a failed connection's port
    --types A,B,...       only these types of faults, to find out which one it was
    --seed S              of faults and traffic; printed, so that a run can be had again
    --api-ms MS           every answer must come within this (100; 2000 under a sanitizer)

Everything happens in namespaces of its own (exit 77 where there are none). README.md here says what
is judged.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import select
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from proxy_soak_api import Api  # noqa: E402
from proxy_soak_faults import CONNECTION, FAULTS, types_for  # noqa: E402

UPSTREAMS = {"exact": 20000, "lossy": 20001, "corrupt": 20002}
PLACES = ["exact"] * 4 + ["lossy"] * 5 + ["corrupt"]
FIRST_PORT = 21000
CONTROL_PORT = 8474
MARK = "0x68616c66"
FAULTS_A_PROXY_MAX = 6
PATIENCE_SECONDS = 60
WARM_UP_SHARE = 0.25
PSS_GROWTH_MAX = 8 << 20
SPARE_PIPES_MAX = 128
EXIT_INCONCLUSIVE = 77
SANITIZER_WORDS = ("AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "runtime error:")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ci/soak proxy", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--traffic", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--connections", type=int, default=5000)
    parser.add_argument("--build", choices=["release", "asan-ubsan", "tsan"], default="release")
    parser.add_argument("--events", type=pathlib.Path)
    parser.add_argument("--types", type=lambda text: text.split(","))
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--api-ms", type=float, default=None)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    if options.api_ms is None:
        options.api_ms = 100 if options.build == "release" else 2000
    return options


def wait_until(predicate, seconds):
    """What the predicate last said; true at once when it holds."""
    deadline = time.monotonic() + seconds
    while True:
        value = predicate()
        if value or time.monotonic() > deadline:
            return value
        pass_time(0.05)


def pass_time(seconds):
    select.select([], [], [], max(0, seconds))


class Holdings:
    """What the process has: descriptors by kind, and memory."""

    def __init__(self, pid):
        self.sockets = self.others = 0
        for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            try:
                is_socket = os.readlink(entry).startswith("socket:")
            except OSError:
                continue  # It was closed meanwhile.
            self.sockets += is_socket
            self.others += not is_socket
        self.pss = 0
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                self.pss = int(line.split()[1]) * 1024

    def __str__(self):
        return (f"{self.sockets} sockets, {self.others} other descriptors, "
                f"{self.pss / 1e6:.1f} MB")


class Soak:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.failures = []
        self.random = random.Random(options.seed)
        self.api = Api(CONTROL_PORT, self.failures)
        self.offered = []
        self.present = {}   # (proxy, fault name) -> (type, when to remove it)
        self.resting = {}   # (proxy, type) -> not before
        self.disabled = {}  # proxy -> when to enable it again
        self.added = {}     # type -> how often
        self.number = 0

    # ---- The process and its proxies ------------------------------------------------------------

    def start_proxy(self):
        self.log_path = self.folder / "fault-proxy.log"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [self.options.bin / "fault-proxy", "--control", f"127.0.0.1:{CONTROL_PORT}",
                 "--connections-max", "100000", "--seed", str(self.options.seed), "--events",
                 self.options.events or self.folder / "events.jsonl"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.api.pids += (self.process.pid,)
        quiet = Api(CONTROL_PORT, [])
        if not wait_until(lambda: quiet.call("GET", "/version"), 30):
            raise RuntimeError("fault-proxy did not start: " + self.log_path.read_text()[-500:])
        for place in range(len(PLACES)):
            self.create(place)
        self.offered = self.api.fault_types()
        forgotten = [name for name in self.offered if name not in FAULTS]
        if forgotten:
            self.failures.append(f"no attributes are known here for {', '.join(forgotten)}")
            self.offered = [name for name in self.offered if name in FAULTS]
        if self.options.types:
            self.offered = [name for name in self.offered if name in self.options.types]

    def create(self, place):
        self.api.call("POST", "/proxies", {
            "name": self.name(place), "listen": f"127.0.0.1:{FIRST_PORT + place}",
            "upstream": f"127.0.0.1:{UPSTREAMS[PLACES[place]]}"}, expected=(201,))

    @staticmethod
    def name(place):
        return f"{PLACES[place]}-{place}"

    def start_traffic(self, seed):
        words = [self.options.traffic, self.options.connections, seed, PATIENCE_SECONDS]
        words += [f"{port}:{group}" for group, port in UPSTREAMS.items()] + ["--"]
        words += [f"{FIRST_PORT + place}:{group}" for place, group in enumerate(PLACES)]
        return subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, text=True,
                                stdout=subprocess.PIPE)

    def finish_traffic(self, traffic):
        out, _ = traffic.communicate("finish\n", timeout=PATIENCE_SECONDS + 60)
        if traffic.returncode != 0:
            raise RuntimeError(f"the traffic ended with {traffic.returncode}")
        return json.loads(out.strip().splitlines()[-1])

    # ---- What happens to it ---------------------------------------------------------------------

    def play(self, seconds):
        """One thing every 20 ms at most, until the time is over."""
        began = time.monotonic()
        while (now := time.monotonic()) < began + seconds and self.process.poll() is None:
            self.end_what_is_due(now)
            draw = self.random.random()
            place = self.random.randrange(len(PLACES))
            if draw < 0.60:
                self.add_fault(place, now)
            elif draw < 0.75:
                self.change_fault()
            elif draw < 0.80:
                self.look(place)
            elif draw < 0.805 and PLACES[place] == "lossy":
                self.disturb(place, now)
            pass_time(0.02 - (time.monotonic() - now))

    def end_what_is_due(self, now):
        for (proxy, name), (kind, until) in list(self.present.items()):
            if until <= now:
                self.remove_fault(proxy, name)
        for proxy, until in list(self.disabled.items()):
            if until <= now:
                self.api.call("POST", f"/proxies/{proxy}", {"enabled": True})
                del self.disabled[proxy]

    def add_fault(self, place, now):
        proxy = self.name(place)
        there = [kind for (on, _), (kind, _) in self.present.items() if on == proxy]
        kind = self.random.choice(types_for(PLACES[place], self.offered) or [None])
        if kind is None or len(there) >= FAULTS_A_PROXY_MAX:
            return
        fault = FAULTS[kind]
        if fault.kind == CONNECTION and kind in there:
            return
        if self.resting.get((proxy, kind), 0) > now:
            return
        self.number += 1
        name = f"{kind}-{self.number}"
        body = {"name": name, "type": kind, "attributes": fault.attributes(self.random)}
        where = "faults"
        if fault.kind != CONNECTION:
            where = self.random.choice(["faults", "toxics"])
            body["stream"] = self.random.choice(["upstream", "downstream"])
            body["toxicity"] = self.random.choice([1, 1, 0.5])
        if self.api.call("POST", f"/proxies/{proxy}/{where}", body) is None:
            return
        until = now + self.random.uniform(*fault.seconds)
        self.present[(proxy, name)] = (kind, until)
        self.resting[(proxy, kind)] = until + fault.pause
        self.added[kind] = self.added.get(kind, 0) + 1

    def change_fault(self):
        if not self.present:
            return
        (proxy, name), (kind, _) = self.random.choice(sorted(self.present.items()))
        self.api.call("POST", f"/proxies/{proxy}/faults/{name}",
                      {"attributes": FAULTS[kind].attributes(self.random)},
                      expected=(200, 404, 409) if FAULTS[kind].is_event else (200,))

    def remove_fault(self, proxy, name):
        kind, _ = self.present.pop((proxy, name))
        self.api.call("DELETE", f"/proxies/{proxy}/faults/{name}",
                      expected=(204, 404) if FAULTS[kind].is_event else (204,))

    def look(self, place):
        self.api.call("GET", self.random.choice(
            ["/proxies", "/metrics", f"/proxies/{self.name(place)}",
             f"/proxies/{self.name(place)}/faults", f"/proxies/{self.name(place)}/connections"]))

    def disturb(self, place, now):
        """What ends every connection of a proxy."""
        proxy = self.name(place)
        if self.random.random() < 0.5:
            self.api.call("POST", f"/proxies/{proxy}", {"enabled": False})
            self.disabled[proxy] = now + self.random.uniform(0, 0.5)
            return
        self.api.call("DELETE", f"/proxies/{proxy}", expected=(204,))
        self.disabled.pop(proxy, None)
        for key in [key for key in self.present if key[0] == proxy]:
            del self.present[key]
        self.create(place)

    def end_all_faults(self):
        for proxy in list(self.disabled):
            self.api.call("POST", f"/proxies/{proxy}", {"enabled": True})
        self.disabled.clear()
        for proxy, name in list(self.present):
            self.remove_fault(proxy, name)

    # ---- What is judged at the end --------------------------------------------------------------

    def held_connections(self):
        return sum(self.api.series("fault_proxy_connections").values())

    def quiet_holdings(self):
        """What it has when nobody is connected any more."""
        if not wait_until(lambda: self.held_connections() == 0, 20):
            held = {labels: count for labels, count in
                    self.api.series("fault_proxy_connections").items() if count}
            self.failures.append(f"connections that nobody has any more are still held: {held}")
        return Holdings(self.process.pid)

    def judge_holdings(self, before, after):
        if after.sockets > before.sockets:
            self.failures.append(f"sockets leak: {before}, at the end {after}")
        if after.others > before.others + 2 * SPARE_PIPES_MAX:
            self.failures.append(f"descriptors leak: {before}, at the end {after}")
        if self.options.build == "release" and after.pss > 1.5 * before.pss + PSS_GROWTH_MAX:
            self.failures.append(f"memory leaks: {before}, at the end {after}")

    def judge_answers(self):
        what, slowest = self.api.slowest
        if slowest * 1000 > self.options.api_ms:
            slow = sum(1 for took in self.api.seconds if took * 1000 > self.options.api_ms)
            self.failures.append(f"{slow} answers took over {self.options.api_ms:g} ms, the "
                                 f"slowest {slowest * 1000:.0f} ms: {what}")

    def judge_bite(self, counts):
        """Faults that break nothing prove nothing."""
        if not counts["lossy"]["broken"]:
            self.failures.append("no connection of the lossy group broke: the faults did not bite")
        if not counts["exact"]["complete"]:
            self.failures.append("no connection of the exact group ended complete")
        if counts["failures"]:
            self.failures.append(f"{counts['failures']} failures of connections, the first are "
                                 "above")

    def stop_proxy(self):
        self.process.terminate()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "none within a minute"
        if code != 0:
            self.failures.append(f"fault-proxy's exit code: {code}")
        text = self.log_path.read_text(errors="replace")
        if code != 0 or any(word in text for word in SANITIZER_WORDS):
            self.failures.append("fault-proxy's log ends with:\n" + text[-3000:])

    def connect_and_play(self, seed, seconds):
        """Traffic with faults for so long, then without until all of it has ended: its counts."""
        traffic = self.start_traffic(seed)
        try:
            traffic.stdout.readline()
            self.play(seconds)
            if self.process.poll() is not None:
                raise RuntimeError("fault-proxy is gone")
            self.end_all_faults()
            return self.finish_traffic(traffic)
        finally:
            if traffic.poll() is None:
                traffic.kill()

    def run(self):
        self.start_proxy()
        try:
            seconds = self.options.minutes * 60
            # What is allocated once and kept, and what a heap cannot give back, is no leak: so it
            # has lived through everything once before it is looked at.
            first = self.connect_and_play(self.options.seed + 1, seconds * WARM_UP_SHARE)
            before = self.quiet_holdings()
            counts = self.connect_and_play(self.options.seed, seconds * (1 - WARM_UP_SHARE))
            after = self.quiet_holdings()
            for key, value in first.items():
                counts[key] = ({what: count + value[what] for what, count in counts[key].items()}
                               if isinstance(value, dict) else counts[key] + value)
            self.judge_holdings(before, after)
            self.judge_answers()
            self.judge_bite(counts)
            afterwards = self.connect_and_play(self.options.seed + 2, 0)
            if afterwards["failures"] or any(afterwards[group]["broken"] for group in UPSTREAMS):
                self.failures.append(f"without any fault, afterwards: {afterwards}")
            self.tell(counts, before, after)
        except RuntimeError as error:
            self.failures.append(str(error))
        finally:
            self.stop_proxy()

    def tell(self, counts, before, after):
        took = sorted(self.api.seconds)
        print(f"{counts['bytes'] / 1e9:.2f} GB checked")
        for group in UPSTREAMS:
            print(f"  {group:8} " + ", ".join(f"{value:,} {key}"
                                              for key, value in counts[group].items()))
        print("faults added: " + ", ".join(f"{count} {kind}"
                                           for kind, count in sorted(self.added.items())))
        print(f"API: {len(took):,} calls, p50 {took[len(took) // 2] * 1000:.1f} ms, "
              f"p99 {took[len(took) * 99 // 100] * 1000:.1f} ms, slowest {took[-1] * 1000:.1f} ms "
              f"({self.api.slowest[0]})")
        print(f"held before: {before}; at the end: {after}")


def enter_namespace(arguments):
    """This program again, as the first process of a namespace that takes all of it along."""
    words = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    words += [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    if subprocess.run(words + ["true"], check=False).returncode != 0:
        return
    os.execvp(words[0], words + [sys.executable, os.path.abspath(__file__), "--inside", *arguments])


def prepare_namespace():
    """Loopback, ports, and the rule that drops what a black hole's sockets still send."""
    for words in (["ip", "link", "set", "lo", "up"],
                  ["nft", "add", "table", "inet", "halfopen"],
                  ["nft", "add chain inet halfopen output { type filter hook output priority 0; }"],
                  ["nft", "add", "rule", "inet", "halfopen", "output", "meta", "mark", MARK,
                   "drop"]):
        subprocess.run(words, check=True)
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("30000 65000")


def main(arguments):
    options = parse(arguments)
    if not options.inside:
        enter_namespace(arguments)
        print("ci/soak proxy: no namespace to work in, see above", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    try:
        prepare_namespace()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"ci/soak proxy: no network namespace to work in: {error}", file=sys.stderr)
        return EXIT_INCONCLUSIVE
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(f"fault-proxy of {options.build}, {options.connections} connections, "
          f"{options.minutes:g} minutes, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="halfopen-soak-") as folder:
        soak = Soak(options, pathlib.Path(folder))
        soak.run()
    for failure in soak.failures[:40]:
        print(f"FAILED: {failure}")
    print(f"{len(soak.failures)} failures, seed {options.seed}")
    return 1 if soak.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
