#!/usr/bin/env python3
"""Kills a random vote-node of four, again and again, under votes and faults: ci/chaos node.

    --rounds N             kills (1000)
    --votes-per-second V   offered by callers to the nodes that live (500)
    --seed S               of kills, faults and votes; printed, so that a plan can be had again
    --transport WORD       tls or plaintext: what the nodes speak to each other (tls)
    --keep DIR             keep configurations, stores, logs and events there; a new folder

At the end, and every 100 rounds, all faults are taken away, and then every vote that a caller saw
accepted must be at every node exactly once. Exit 1 names what does not hold, 70 is a failure of
this program or of what it stands on, 77 a machine that lets it have no namespaces.
"""

import argparse
import asyncio
import collections
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True
import chaos_plan as plan  # noqa: E402
from chaos_callers import Callers  # noqa: E402
from chaos_cluster import Cluster, Died  # noqa: E402
from chaos_events import Story  # noqa: E402
from chaos_http import Client, NoAnswer, NotSent  # noqa: E402
from chaos_ledger import SHOWN_MAX, Ledger  # noqa: E402

CHECK_EVERY_ROUNDS = 100
HEAL_SECONDS = 60
PAGE_VOTES = 5000
MARK = "0x68616c66"
EXIT_FAIL, EXIT_BAD_INPUT, EXIT_BROKEN, EXIT_SKIPPED, EXIT_INTERRUPTED = 1, 64, 70, 77, 130


def parse(arguments):
    parser = argparse.ArgumentParser(prog="ci/chaos node", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--votes-per-second", type=int, default=500)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--transport", choices=["tls", "plaintext"], default="tls")
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.exit = lambda status=0, message=None: leave(status and EXIT_BAD_INPUT, message)
    options = parser.parse_args(arguments)
    if options.rounds < 1 or options.votes_per_second < 1:
        parser.error("--rounds and --votes-per-second are at least 1")
    if options.keep and options.keep.is_dir() and any(options.keep.iterdir()):
        parser.error(f"--keep {options.keep}: there is something in it; name an empty folder")
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    return options


def leave(status, message):
    if message:
        print(message, end="", file=sys.stderr)
    sys.exit(status)


def say(text):
    print(text, flush=True)


class Run:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.ledger = Ledger()
        self.cluster = Cluster(options.bin.resolve(), folder, options)
        self.callers = Callers(self.cluster, self.ledger, options)
        self.story = Story(keeps=options.keep is not None)
        self.faults = collections.Counter()
        self.not_added = 0
        self.fault_tasks = set()
        self.ready_tasks = {}
        self.heal_seconds = []
        self.held = {name: [] for name in self.cluster.nodes}
        self.problems = []

    async def play(self):
        await self.cluster.start()
        await self.cluster.wait_until_settled(HEAL_SECONDS)
        background = self.callers.start()
        self.callers.resume()
        for number in range(1, self.options.rounds + 1):
            await self.play_round(plan.draw_round(self.options.seed, number,
                                                  self.options.transport == "tls"))
            for task in [*background, *self.ready_tasks.values()]:
                if task.done() and task.exception():
                    raise task.exception()
            if number % CHECK_EVERY_ROUNDS == 0 or number == self.options.rounds:
                await self.heal_and_check(number)
                if self.problems:
                    return
                self.callers.resume()

    # ---- One round ----------------------------------------------------------------------------

    async def play_round(self, drawn):
        loop = asyncio.get_running_loop()
        began = loop.time()
        for place, fault in enumerate(drawn.faults):
            task = loop.create_task(self.play_fault(fault, f"{fault.type}-{drawn.number}-{place}"))
            self.fault_tasks.add(task)
            task.add_done_callback(self.end_fault)
        node = self.cluster.nodes[drawn.victim]
        await asyncio.sleep(drawn.after_seconds)
        starting = self.ready_tasks.pop(node.name, None)
        if starting is not None:
            if drawn.waits_until_ready:
                await starting
            starting.cancel()
            await asyncio.wait([starting])
        node.kill()
        loop.run_in_executor(None, self.story.take, node.ended_events[-1])
        await asyncio.sleep(drawn.down_seconds)
        node.start()
        self.ready_tasks[node.name] = loop.create_task(self.see_ready(node))
        await asyncio.sleep(max(0, began + plan.ROUND_SECONDS - loop.time()))

    async def see_ready(self, node):
        await node.wait_until_ready()
        self.callers.ask_again(node.name)

    async def play_fault(self, fault, name):
        await asyncio.sleep(fault.after_seconds)
        if not await self.cluster.proxy.add(fault, name):
            self.not_added += 1
            return
        self.faults[fault.type] += 1
        try:
            await asyncio.sleep(fault.life_seconds)
        finally:
            await self.cluster.proxy.remove(fault, name)

    def end_fault(self, task):
        self.fault_tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.ready_tasks["fault-proxy"] = task  # The next look at tasks raises it.

    # ---- Healing, and the verdict -------------------------------------------------------------

    async def heal_and_check(self, number):
        await asyncio.gather(*self.ready_tasks.values())
        self.ready_tasks.clear()
        await self.callers.pause()
        began = time.monotonic()
        for task in list(self.fault_tasks):
            task.cancel()
        if self.fault_tasks:
            await asyncio.wait(self.fault_tasks)
        await self.cluster.proxy.heal()
        try:
            await self.cluster.wait_until_settled(HEAL_SECONDS)
        except TimeoutError as error:
            self.problems.append(str(error))
        if self.callers.waiting:
            # Nothing is owed any more, so they have been answered, or are about to be.
            _, late = await asyncio.wait(self.callers.waiting, timeout=HEAL_SECONDS)
            if late:
                self.problems.append(f"{len(late)} callers wait for all peers and hear nothing")
        self.heal_seconds.append(time.monotonic() - began)
        is_last = number == self.options.rounds
        for name in self.cluster.nodes:
            await self.read_votes(name, from_start=is_last)
        self.problems += self.ledger.judge(self.held)
        for name in self.cluster.nodes:
            await self.read_evidence(name)
        counts = self.ledger.counts
        say(f"round {number}: healed in {self.heal_seconds[-1]:.1f} s, {counts['accepted']} votes "
            f"accepted, at the nodes: {', '.join(str(len(v)) for v in self.held.values())}")
        if not self.problems:
            self.story.forget()

    async def read_votes(self, name, from_start):
        """What has come since the last look; at the end all of it, once more."""
        votes = self.held[name]
        if from_start:
            votes.clear()
        client = Client(*self.cluster.nodes[name].admin, answer_seconds=60)
        after = votes[-1]["seq"] if votes else 0
        while after is not None:
            page = await client.json("GET", f"/votes?after={after}&limit={PAGE_VOTES}")
            votes += page["votes"]
            after = page["next"]
        client.close()

    async def read_evidence(self, name):
        client = Client(*self.cluster.nodes[name].admin, answer_seconds=60)
        evidence = (await client.json("GET", "/evidence"))["evidence"]
        client.close()
        if evidence:
            self.problems.append(f"{name} holds evidence of {len(evidence)} equivocations: "
                                 f"{str(evidence[0])[:300]}")

    def stop_nodes(self):
        for node in self.cluster.nodes.values():
            code = node.stop()
            if code != 0:
                self.problems.append(f"{node.name} ended with exit code {code} when asked to end")
            self.story.take(node.ended_events[-1])

    # ---- What is printed ----------------------------------------------------------------------

    def report(self):
        counts, nodes = self.ledger.counts, self.cluster.nodes.values()
        seconds = max(self.callers.offering_seconds, 1e-9)
        unknown = len(self.ledger.tried.keys() - self.ledger.accepted_slots.keys())
        rows = [
            ("rounds", str(sum(node.kills for node in nodes))),
            ("kills", ", ".join(f"{node.name} {node.kills}" for node in nodes)),
            ("faults", f"{sum(self.faults.values())}: "
             + ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
             + f"; {self.not_added} met one of their type"),
            ("votes offered", f"{counts['offered']} ({counts['offered'] / seconds:.0f}/s), "
             f"{counts['asked again']} of them again; "
             + (", ".join(f"{count} {name}" for name, count in sorted(counts.items())
                          if name.startswith("skipped")) or "none skipped")),
            ("accepted", f"{counts['accepted']} ({counts['accepted'] / seconds:.0f}/s), "
             f"{counts['accepted when at all peers']} of them when at all peers"),
            ("refused", ", ".join(f"{count} {reason}" for reason, count
                                  in self.ledger.refused.most_common()) or "0"),
            ("unknown", f"{counts['unknown']} requests without an answer; {unknown} votes whose "
             "caller never saw them accepted"),
            ("held", ", ".join(f"{name} {len(votes)}" for name, votes in self.held.items())),
            *((name, str(count)) for name, count in self.story.counts.items()),
            ("longest outage", f"{self.story.longest_outage_seconds:.1f} s between two nodes that "
             "both lived to see its end"),
            ("longest time to heal", f"{max(self.heal_seconds, default=0):.1f} s of "
             f"{len(self.heal_seconds)}"),
            ("seed", f"{self.options.seed} ({self.options.transport})"),
        ]
        for name, text in rows:
            say(f"{name:21} {text}")

    def report_problems(self):
        say(f"FAIL: {len(self.problems)} things do not hold")
        files = [path for node in self.cluster.nodes.values()
                 for path in [*node.ended_events, node.events] if path.exists()]
        told = 0
        for problem in self.problems[:SHOWN_MAX]:
            say(f"  {problem}")
            words = problem.split()
            if words[0] == "vote" and told < 3:
                told += 1
                for _, line in self.story.about(words[1], dict.fromkeys(files)):
                    say(f"      {line}")


# ---- The run, from outside --------------------------------------------------------------------


def enter_namespace(arguments):
    words = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    words += [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    if subprocess.run(words + ["true"], check=False).returncode == 0:
        os.execvp(words[0], words + [sys.executable, os.path.abspath(__file__), "--inside",
                                     *arguments])


def prepare_namespace():
    """Loopback, ports, and the rule that drops what a black hole's sockets still send."""
    for words in (["ip", "link", "set", "lo", "up"],
                  ["nft", "add", "table", "inet", "halfopen"],
                  ["nft", "add chain inet halfopen output { type filter hook output priority 0; }"],
                  ["nft", "add", "rule", "inet", "halfopen", "output", "meta", "mark", MARK,
                   "drop"]):
        subprocess.run(words, check=True)
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("10000 65000")


async def play(run):
    """The exit code."""
    loop = asyncio.get_running_loop()
    playing = loop.create_task(run.play())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, playing.cancel)
    try:
        await playing
        run.stop_nodes()
    except asyncio.CancelledError:
        say("interrupted")
        run.report()
        return EXIT_INTERRUPTED
    except (Died, NotSent, NoAnswer, TimeoutError) as error:
        run.cluster.proxy.check_alive()
        run.problems.append(f"{type(error).__name__}: {error}")
    finally:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        run.cluster.end()
    run.report()
    if not run.problems:
        say("PASS: every accepted vote is at every node exactly once")
        return 0
    run.report_problems()
    return EXIT_FAIL


def main(arguments):
    options = parse(arguments)
    if not options.inside:
        enter_namespace([*arguments, "--seed", str(options.seed)])
        print("ci/chaos node: no namespace to work in, see above", file=sys.stderr)
        return EXIT_SKIPPED
    try:
        prepare_namespace()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"ci/chaos node: the namespace cannot be prepared: {error}", file=sys.stderr)
        return EXIT_SKIPPED
    folder = options.keep.resolve() if options.keep else pathlib.Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    say(f"seed {options.seed}, {options.rounds} rounds, {options.votes_per_second} votes/s")
    code = EXIT_BROKEN
    try:
        code = asyncio.run(play(Run(options, folder)))
    except Exception as error:  # Whatever it is, it says nothing about the votes.
        traceback.print_exception(error)
        print(f"ci/chaos node: {error}", file=sys.stderr)
    finally:
        if code in (0, EXIT_INTERRUPTED) and not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        elif not options.keep:
            say(f"kept for a look: {folder}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
