"""The two programs of ci/bench node: four nodes of one kind, configured alike, started and pinned.

Both get the same keys, the same peers, the same store and the same numbers for keep-alive, dials
and backoff. Nodes 1 and 2 run on one core, 3 and 4 on the other.
"""

import base64
import functools
import hashlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import time

import proxy_bench_peers as proxies

NAMES = ("n1", "n2", "n3", "n4")
READY_SECONDS = 20
ANSWER_SECONDS = 40

# What both are given, in milliseconds. The first is for the load: far from anything that happens.
CALM = {"ping_interval": 10000, "ping_timeout": 5000, "backoff": (100, 5000), "dial": 3000}
# For the faults. gRPC takes the ping's timeout as TCP_USER_TIMEOUT; vote-node is given the same.
WATCHFUL = {"ping_interval": 1000, "ping_timeout": 1000, "backoff": (100, 100), "dial": 1000}


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout


class Keys:
    """A key for each node, by its name as vote-node's `insecure_seed` makes it, and for gRPC a
    certificate of that key by an authority of this run."""

    def __init__(self, folder):
        self.folder = folder
        self.authority, authority_key = self.certificate("authority"), self.make("authority")
        run("openssl", "req", "-x509", "-new", "-key", str(authority_key), "-subj", "/CN=bench",
            "-days", "30", "-out", str(self.authority))
        for name in NAMES:
            run("openssl", "req", "-x509", "-new", "-key", str(self.make(name)), "-subj",
                f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-addext",
                "basicConstraints=critical,CA:FALSE", "-days", "30", "-CA", str(self.authority),
                "-CAkey", str(authority_key), "-out", str(self.certificate(name)))

    def make(self, name):
        """A PKCS #8 structure (RFC 8410): 16 bytes that say Ed25519, and the key."""
        body = bytes.fromhex("302e020100300506032b657004220420" + self.seed(name))
        self.private(name).write_text("-----BEGIN PRIVATE KEY-----\n"
                                      f"{base64.b64encode(body).decode()}\n"
                                      "-----END PRIVATE KEY-----\n")
        return self.private(name)

    def private(self, name):
        return self.folder / f"{name}.key"

    def certificate(self, name):
        return self.folder / f"{name}.pem"

    @staticmethod
    def seed(name):
        return hashlib.sha256(name.encode()).hexdigest()

    @functools.cache
    def public(self, name):
        """The last 32 bytes of the structure."""
        text = run("openssl", "pkey", "-in", str(self.private(name)), "-pubout")
        return base64.b64decode("".join(text.splitlines()[1:-1]))[-32:].hex()


class NodeProcess(proxies.Peer):
    def __init__(self, words, admin_port, *rest):
        self.words = words
        super().__init__(words[0].rpartition("/")[2], admin_port, *rest)

    def command(self):
        return self.words


class Cluster:
    """Four nodes; each dials those behind it, and node 1 reaches node 2 by `link`, if given."""

    def __init__(self, program, keys, base_port, folder, cpus):
        self.program, self.keys, self.base_port = program, keys, base_port
        self.name = pathlib.Path(program).name
        self.folder, self.cpus = pathlib.Path(folder) / self.name, cpus
        self.folder.mkdir()
        self.nodes = []

    def port(self, index):
        return self.base_port + index

    def admin_port(self, index):
        return self.base_port + 10 + index

    def start(self, durable, tls, numbers, link=None):
        for file in self.folder.iterdir():
            file.unlink()
        self.nodes = []
        for index, name in enumerate(NAMES):
            config = self.folder / f"{name}.json"
            config.write_text(json.dumps(self.config(index, durable, tls, numbers, link)))
            cpu = self.cpus[index // 2 % len(self.cpus)]
            self.nodes.append(NodeProcess([self.program, *self.options(), str(config)],
                                          self.admin_port(index), self.folder, cpu))
            self.nodes[-1].start()
        for index in range(len(NAMES)):
            self.wait_connected(index)

    def config(self, index, durable, tls, numbers, link):
        name = NAMES[index]
        store = {"store": str(self.folder / f"{name}.db")} if durable else {}
        peers = []
        for other, other_name in enumerate(NAMES):
            peer = {"name": other_name, "key": self.keys.public(other_name)}
            if other > index:
                by_link = link is not None and (index, other) == (0, 1)
                peer["address"] = f"127.0.0.1:{link if by_link else self.port(other)}"
            if other != index:
                peers.append(peer)
        return {"name": name, "network": "bench", "listen": f"127.0.0.1:{self.port(index)}",
                "admin": f"127.0.0.1:{self.admin_port(index)}", **store, "peers": peers,
                **self.own(name, tls, numbers)}

    def wait_connected(self, index):
        """Until a vote of this node has reached all: every link that it needs is up."""
        client = Client(self.admin_port(index))
        proxies.wait_until(lambda: client.cast() == 200, READY_SECONDS,
                           f"{self.name}: a vote of {NAMES[index]} reaches its peers")
        client.close()

    def restart(self, index):
        """kill -9 and a new process, without a pause."""
        node = self.nodes[index]
        node.process.kill()
        node.process.wait()
        node.process = subprocess.Popen(node.command(), stdin=subprocess.DEVNULL, stdout=node.log,
                                        stderr=node.log, preexec_fn=node.pin)

    def stop(self):
        for node in self.nodes:
            node.stop()
        self.nodes = []

    def cpu_seconds(self):
        return sum(node.cpu_seconds() for node in self.nodes)


class VoteNodes(Cluster):
    def options(self):
        return ["--config"]

    def own(self, name, tls, numbers):
        def text(milliseconds):
            return f"{milliseconds}ms"
        return {"insecure_seed": name, "transport": "tls" if tls else "plaintext",
                "user_timeout": {"timeout": text(numbers["ping_timeout"])},
                "ping": {"interval": text(numbers["ping_interval"]),
                         "timeout": text(numbers["ping_timeout"])},
                "retry": {"ack_deadline": text(numbers["ping_timeout"])},
                "reconnect": {"backoff_min": text(numbers["backoff"][0]),
                              "backoff_max": text(numbers["backoff"][1]),
                              "dial_timeout": text(numbers["dial"])}}


class GrpcNodes(Cluster):
    def options(self):
        return []

    def own(self, name, tls, numbers):
        own = {"seed": self.keys.seed(name), "ping_interval_ms": numbers["ping_interval"],
               "ping_timeout_ms": numbers["ping_timeout"], "backoff_ms_min": numbers["backoff"][0],
               "backoff_ms_max": numbers["backoff"][1], "dial_timeout_ms": numbers["dial"]}
        if tls:
            own["tls"] = {"authority": str(self.keys.authority),
                          "certificate": str(self.keys.certificate(name)),
                          "key": str(self.keys.private(name))}
        return own


class Client:
    """Casts one vote after the other on a node's admin API, and waits until all peers have it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def cast(self):
        try:
            self.connection.request("POST", "/votes?wait=peers")
            answer = self.connection.getresponse()
            answer.read()
        except http.client.HTTPException as error:
            raise RuntimeError(f"POST /votes?wait=peers: {error!r}") from error
        return answer.status

    def cast_well(self):
        status = self.cast()
        if status != 200:
            raise RuntimeError(f"POST /votes?wait=peers: {status}")
        return time.monotonic()

    def close(self):
        self.connection.close()


def sync_microseconds(folder):
    """What one fdatasync of 4 KiB takes there: (median, what 99 of 100 stay below)."""
    path = pathlib.Path(folder) / "sync"
    times = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1e6)
    path.unlink()
    times.sort()
    return times[len(times) // 2], times[len(times) * 99 // 100]
