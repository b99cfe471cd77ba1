"""Four vote-nodes and the fault-proxy between them: how they are configured, started and killed.

Node number i listens on 127.0.1.i, ports 7000 (votes) and 8000 (admin). The link "n1-n2" is the
proxy at which n1 dials n2. Each start of a node has an event file of its own.
"""

import pathlib
import re
import signal
import subprocess

from chaos_http import Client, NoAnswer, NotSent, wait_until
from chaos_ledger import NETWORK
from chaos_plan import LINKS, NODES, fault_types

START_SECONDS = 60
STOP_SECONDS = 20
CONTROL = ("127.0.0.1", 8474)

# Everything is detected and tried again within about a second, since a round takes half of one.
CONFIG = """\
name: {name}
network: {network}
listen: 127.0.1.{place}:7000
admin: 127.0.1.{place}:8000
events: {events}
store: {folder}/{name}.sqlite
retention: {{votes: 1000000}}
key: {folder}/{name}.key
transport: {transport}
seed: {seed}
keepalive: {{idle: 1s, interval: 1s, count: 2}}
user_timeout: {{timeout: 2900ms}}
ping: {{interval: 500ms, timeout: 400ms}}
reconnect: {{backoff_min: 20ms, backoff_max: 500ms, dial_timeout: 500ms}}
retry: {{ack_deadline: 1s}}
peers:
"""


class Died(Exception):
    """A program ended that nobody had ended."""


def spawn(words, log):
    """In a session of its own, so that Ctrl-C reaches this program first."""
    with open(log, "ab") as output:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                start_new_session=True)


def tail(path):
    return path.read_text(errors="replace")[-800:].strip()


def make_keys(program, folder):
    """{name: public key}."""
    files = {name: str(folder / f"{name}.key") for name in NODES}
    made = subprocess.run([program, "keygen", *files.values()], check=True, text=True,
                          capture_output=True, timeout=START_SECONDS).stdout
    by_file = dict(line.rsplit(" ", 1) for line in made.splitlines())
    return {name: by_file[file] for name, file in files.items()}


class Node:
    def __init__(self, name, program, folder, keys, options):
        self.name, self.program, self.folder = name, program, folder
        self.keys, self.options = keys, options
        self.place = NODES.index(name) + 1
        self.admin = (f"127.0.1.{self.place}", 8000)
        self.log = folder / f"{name}.log"
        self.process = None
        self.ready = False
        self.starts = self.kills = 0
        self.ended_events = []  # event files that nobody writes any more

    @property
    def events(self):
        return self.folder / f"{self.name}.{self.starts}.events.jsonl"

    def start(self):
        self.starts += 1
        text = CONFIG.format(name=self.name, network=NETWORK, place=self.place, folder=self.folder,
                             events=self.events, transport=self.options.transport,
                             seed=self.options.seed * 10 + self.place)
        for peer in NODES:
            if peer != self.name:
                text += (f"  - {{name: {peer}, address: {link_address(f'{self.name}-{peer}')}, "
                         f"key: {self.keys[peer]}}}\n")
        config = self.folder / f"{self.name}.yaml"
        config.write_text(text)
        self.process = spawn([self.program, "--config", config], self.log)

    def check_alive(self):
        code = self.process.poll()
        if code is not None:
            raise Died(f"{self.name} ended by itself with exit code {code}: {tail(self.log)}")

    async def wait_until_ready(self):
        client = Client(*self.admin, answer_seconds=START_SECONDS)

        async def answers():
            self.check_alive()
            try:
                status, text = await client.call("GET", "/readyz")
            except (NotSent, NoAnswer) as error:
                return False, repr(error)
            return status == 200, f"{status} {text!r}"
        try:
            await wait_until(answers, START_SECONDS, f"{self.name} is ready")
            self.ready = True
        finally:
            client.close()

    def kill(self):
        self.check_alive()
        self.ready = False
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.ended_events.append(self.events)

    def stop(self):
        """The exit code of a polite end."""
        self.ready = False
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        self.ended_events.append(self.events)
        return code


def link_address(link):
    return f"127.0.2.{LINKS.index(link) + 1}:7000"


class Proxy:
    def __init__(self, program, folder, seed):
        self.log = folder / "fault-proxy.log"
        self.events = folder / "fault-proxy.events.jsonl"
        self.words = [program, "--control", f"{CONTROL[0]}:{CONTROL[1]}", "--seed", str(seed),
                      "--events", self.events]
        self.process = None
        self.client = Client(*CONTROL, answer_seconds=30)

    async def start(self):
        self.process = spawn(self.words, self.log)

        async def answers():
            self.check_alive()
            try:
                return (await self.client.call("GET", "/version"))[0] == 200, "an answer"
            except (NotSent, NoAnswer) as error:
                return False, repr(error)
        await wait_until(answers, START_SECONDS, "fault-proxy's API answers")
        await self.check_types()
        for link in LINKS:
            peer = NODES.index(link.split("-")[1]) + 1
            await self.client.json("POST", "/proxies", {
                "name": link, "listen": link_address(link), "upstream": f"127.0.1.{peer}:7000"})

    async def check_types(self):
        """Nothing is left out by being forgotten: each offered type has a series of its own."""
        name = "probe"
        await self.client.json("POST", "/proxies", {"name": name, "listen": "127.0.0.1:0",
                                                    "upstream": "127.0.0.1:9"})
        _, text = await self.client.call("GET", "/metrics")
        await self.client.json("DELETE", f"/proxies/{name}")
        offered = set(re.findall(r'^fault_proxy_fault_active{.*fault="(\w+)"', text.decode(),
                                 re.MULTILINE))
        unknown = offered - fault_types(corrupts=True).keys() - {"noop"}
        if unknown or not offered:
            raise RuntimeError(f"chaos_plan.py does not know the faults {sorted(unknown)}")

    def check_alive(self):
        if self.process.poll() is not None:
            raise RuntimeError("fault-proxy ended by itself: " + tail(self.log))

    async def add(self, fault, name):
        """False where the link has a fault of this type already."""
        client = Client(*CONTROL, answer_seconds=30)  # faults come and go side by side
        at = f"/proxies/{fault.link}"
        try:
            if fault.type == "disable":
                await client.json("POST", at, {"enabled": False})
            elif fault.type == "kill_connections":
                await client.json("DELETE", f"{at}/connections?how={fault.attributes['how']}")
            else:
                body = {"name": name, "type": fault.type, "attributes": fault.attributes}
                if fault.stream:
                    body["stream"] = fault.stream
                status, text = await client.call("POST", at + "/faults", body)
                if status not in (200, 409):
                    raise RuntimeError(f"{at}/faults {body}: {status} {text!r}")
                return status == 200
            return True
        finally:
            client.close()

    async def remove(self, fault, name):
        client = Client(*CONTROL, answer_seconds=30)
        at = f"/proxies/{fault.link}"
        try:
            if fault.type == "disable":
                await client.json("POST", at, {"enabled": True})
            elif fault.type != "kill_connections":
                # Gone already where all was healed meanwhile.
                await client.json("DELETE", f"{at}/faults/{name}", expected=(200, 204, 404))
        finally:
            client.close()

    async def heal(self):
        await self.client.json("POST", "/reset")


class Cluster:
    def __init__(self, programs, folder, options):
        folder = pathlib.Path(folder)
        keys = make_keys(programs / "vote-node", folder)
        self.nodes = {name: Node(name, programs / "vote-node", folder, keys, options)
                      for name in NODES}
        self.keys = keys
        self.proxy = Proxy(programs / "fault-proxy", folder, options.seed)

    async def start(self):
        await self.proxy.start()
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            await node.wait_until_ready()

    async def wait_until_settled(self, seconds):
        """Every node believes in every peer, and owes it nothing."""
        async def settled():
            seen = {}
            for node in self.nodes.values():
                node.check_alive()
                client = Client(*node.admin, answer_seconds=seconds)
                try:
                    peers = (await client.json("GET", "/peers"))["peers"]
                finally:
                    client.close()
                if len(peers) != len(NODES) - 1:
                    seen[node.name] = f"{len(peers)} peers"
                for peer in peers:
                    if peer["state"].lower() != "healthy" or peer["outbox"] != 0:
                        seen[f"{node.name}-{peer['name']}"] = (peer["state"], peer["outbox"])
            return not seen, seen
        await wait_until(settled, seconds, "all nodes are healthy and owe nothing")

    def end(self):
        """Whatever lives, by force."""
        for program in [*self.nodes.values(), self.proxy]:
            if program.process is not None and program.process.poll() is None:
                program.process.kill()
                program.process.wait()
