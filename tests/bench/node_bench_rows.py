"""What ci/bench node measures: each row is one load or one fault on four nodes of one program."""

import contextlib
import select
import threading
import time

import node_bench_peers as peers
import proxy_bench_rows as rows

# The last two together stay below the 64 connections that a node serves at once.
OUTSTANDING = (1, 16, 64, 160)
CUT_SECONDS = 5
FLOW_SECONDS = 1.5
# A vote that gets through so soon after a fault was not stopped by it.
UNTOUCHED_SECONDS = 0.0005


def let_pass(seconds):
    select.select([], [], [], max(0, seconds))


class Votes:
    """Votes a second and the time from cast to acknowledged by all, with so many under way."""

    def __init__(self, load, seconds):
        self.load, self.seconds = load, seconds

    def measure(self, cluster, durable, tls):
        cluster.start(durable, tls, peers.CALM)
        try:
            figures = {}
            for outstanding in OUTSTANDING:
                figures.update(self.one(cluster, outstanding))
            return figures
        finally:
            cluster.stop()

    def one(self, cluster, outstanding):
        began = cluster.cpu_seconds()
        run = self.load.run("votes", cluster.admin_port(0), first_port=cluster.admin_port(0),
                            nodes=len(peers.NAMES), outstanding=outstanding,
                            ms=int(self.seconds * 1000), warmup_ms=300)
        cpu = cluster.cpu_seconds() - began
        votes = run["per_second"] * (self.seconds + 0.3)
        return {f"{outstanding}_{key}": value for key, value in
                (("per_second", run["per_second"]), ("p50", run["p50"]), ("p99", run["p99"]),
                 ("cpu", cpu / votes * 1000))}


class Faults:
    """The time from a fault on the link of nodes 1 and 2, or of node 2, until a vote that node 1
    casts after it is acknowledged by all. Both programs' nodes stay up; votes flow before each."""

    def __init__(self, proxy, link_ports):
        self.proxy, self.link_ports = proxy, link_ports
        self.started = []

    def ready(self, cluster):
        if cluster not in self.started:
            self.started.append(cluster)
            self.start(cluster, self.link_ports[cluster.name])
        client = peers.Client(cluster.admin_port(0))
        until = time.monotonic() + FLOW_SECONDS
        while time.monotonic() < until:
            client.cast_well()
            let_pass(0.02)
        return client

    def start(self, cluster, link):
        self.proxy.create(cluster.name, link, cluster.port(1))
        self.proxy.call("POST", f"/proxies/{cluster.name}/faults",
                        {"name": "nat", "type": "nat", "attributes": {"idle_timeout": "1h"}})
        cluster.start(True, True, peers.WATCHFUL, link)

    def stop(self):
        for cluster in self.started:
            cluster.stop()

    def measure(self, cluster, fault):
        client = self.ready(cluster)
        with contextlib.closing(client):
            seconds = fault(cluster, client)
        if seconds < UNTOUCHED_SECONDS:
            raise RuntimeError("the fault did not stop a vote")
        return {"s": seconds}

    def reset(self, cluster, client):
        began = time.monotonic()
        self.proxy.call("DELETE", f"/proxies/{cluster.name}/connections?how=rst")
        return client.cast_well() - began

    def forget(self, cluster, client):
        """The middlebox forgets the connection: silence for it, and new ones are let through."""
        began = time.monotonic()
        self.proxy.call("POST", f"/proxies/{cluster.name}/faults/nat/flush")
        return client.cast_well() - began

    def cut(self, cluster, client):
        """Nothing passes for some seconds, new dials neither; counted from its end."""
        self.proxy.call("POST", f"/proxies/{cluster.name}/faults",
                        {"name": "cut", "type": "blackhole"})
        answered = []

        def cast():
            with contextlib.suppress(*rows.TROUBLE):
                answered.append(client.cast_well())

        thread = threading.Thread(target=cast)
        thread.start()
        let_pass(CUT_SECONDS)
        healed = time.monotonic()
        self.proxy.call("DELETE", f"/proxies/{cluster.name}/faults/cut")
        thread.join()
        if not answered:
            raise RuntimeError("the vote was not acknowledged")
        return answered[0] - healed

    @staticmethod
    def restart(cluster, client):
        began = time.monotonic()
        cluster.restart(1)
        return client.cast_well() - began
