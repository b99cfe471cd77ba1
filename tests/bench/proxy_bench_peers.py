"""The proxies of ci/bench proxy: how each is configured, started, pinned, and what it uses.

HAProxy and nginx run on one thread, with long timeouts and no log, and otherwise as they come;
bulk is also measured with the larger buffers and pipes that were found best for it here. What the
process, its threads and its children use counts, children that have ended as well.
"""

import http.client
import json
import os
import pathlib
import resource
import select
import subprocess
import time

UPSTREAM_PORT = 20000
START_SECONDS = 10

HAPROXY_CONFIG = """
global
  nbthread 1
  maxconn {connections}
  maxpipes 256
{more}
defaults
  mode tcp
  maxconn {connections}
  option splice-auto
  timeout connect 5s
  timeout client 1h
  timeout server 1h
listen bench
  bind 127.0.0.1:{port} backlog 4096
  server upstream 127.0.0.1:{upstream}
"""

NGINX_CONFIG = """
{modules}
user root;
worker_processes 1;
worker_rlimit_nofile {descriptors};
daemon off;
pid {folder}/{name}.pid;
error_log {folder}/{name}.log crit;
events {{ worker_connections {descriptors}; multi_accept on; }}
stream {{
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    proxy_pass 127.0.0.1:{upstream};
    proxy_connect_timeout 5s;
    proxy_timeout 1h;
    proxy_buffer_size {buffer};
    tcp_nodelay on;
  }}
}}
"""


def descriptors():
    """What a process may open, raised as far as it goes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def wait_until(predicate, seconds, what):
    deadline = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {seconds} s: {what}")
        select.select([], [], [], 0.01)


def listens(port):
    """Asked of the kernel: a dial would be relayed, and meet the load as a stranger."""
    wanted = f":{port:04X} "
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, _, state = line.split()[1:4]
        if state == "0A" and (local + " ").endswith(wanted):
            return True
    return False


def descendants(root):
    """The process and its living children, theirs too."""
    found = [root]
    for pid in found:
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue  # It ended meanwhile.
    return found


class Peer:
    """One program: started on a port, relaying to UPSTREAM_PORT."""

    def __init__(self, name, port, folder, cpu):
        self.name, self.port, self.folder, self.cpu = name, port, pathlib.Path(folder), cpu
        self.file_name = name.replace(" ", "-")
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        self.log = open(self.folder / f"{self.file_name}.log", "ab")
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, preexec_fn=self.pin)
        self.wait_ready()

    def pin(self):
        if self.cpu is not None:
            os.sched_setaffinity(0, {self.cpu})

    def wait_ready(self):
        def ready():
            if self.process.poll() is not None:
                text = (self.folder / f"{self.file_name}.log").read_text(errors="replace")
                raise RuntimeError(f"{self.name} ended at once: {text[-500:]}")
            return listens(self.port)
        wait_until(ready, START_SECONDS, f"{self.name} listens")

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.process = None

    def restart(self):
        self.stop()
        self.start()

    def cpu_seconds(self):
        nanoseconds = 0
        for pid in descendants(self.process.pid):
            for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
                try:
                    nanoseconds += int(task.read_text().split()[0])
                except OSError:
                    continue
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        ended_children = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
        return nanoseconds / 1e9 + ended_children

    def pss_bytes(self):
        total = 0
        for pid in descendants(self.process.pid):
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        return total

    def wait_alone(self):
        """Until children of ended connections are gone and counted."""
        before = self.children_at_rest
        wait_until(lambda: len(descendants(self.process.pid)) <= before, 10,
                   f"{self.name}: the children of closed connections end")

    children_at_rest = 1


class FaultProxy(Peer):
    def __init__(self, program, port, control_port, *rest):
        super().__init__("fault-proxy", port, *rest)
        self.program, self.control_port = program, control_port

    def command(self):
        return [self.program, "--control", f"127.0.0.1:{self.control_port}",
                "--connections-max", "100000"]

    def wait_ready(self):
        wait_until(lambda: self.process.poll() is not None or listens(self.control_port),
                   START_SECONDS, "fault-proxy's API listens")
        if self.port is not None:
            self.create("plain", self.port)

    def create(self, name, port, upstream=UPSTREAM_PORT):
        self.call("POST", "/proxies", {"name": name, "listen": f"127.0.0.1:{port}",
                                       "upstream": f"127.0.0.1:{upstream}"})

    def call(self, method, path, body=None):
        """The answer's body; a refusal is a RuntimeError with its text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.strip()}")
        return text

    def metric(self, name, **labels):
        """The one series of that name with those labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        for line in self.call("GET", "/metrics").splitlines():
            if line.startswith(name + "{") and all(part in line for part in wanted):
                return float(line.rpartition(" ")[2])
        raise RuntimeError(f"no series {name} {labels}")


class HaProxy(Peer):
    more = ""

    def command(self):
        config = self.folder / f"{self.file_name}.cfg"
        connections = (descriptors() - 512 - 200) // 2  # two descriptors a pipe, too
        config.write_text(HAPROXY_CONFIG.format(connections=connections, port=self.port,
                                                upstream=UPSTREAM_PORT, more=self.more))
        return ["haproxy", "-db", "-f", str(config)]


class HaProxyTuned(HaProxy):
    more = "  tune.bufsize 32768\n  tune.pipesize 262144"


class Nginx(Peer):
    children_at_rest = 2
    buffer = "16k"

    def command(self):
        config = self.folder / f"{self.file_name}.conf"
        module = pathlib.Path("/usr/lib/nginx/modules/ngx_stream_module.so")
        config.write_text(NGINX_CONFIG.format(
            modules=f"load_module {module};" if module.exists() else "", folder=self.folder,
            name=self.file_name, buffer=self.buffer, descriptors=descriptors() - 100,
            port=self.port, upstream=UPSTREAM_PORT))
        return ["nginx", "-p", str(self.folder), "-c", str(config)]


class NginxTuned(Nginx):
    buffer = "128k"


class Socat(Peer):
    def command(self):
        return ["socat", "-b", "65536",
                f"TCP-LISTEN:{self.port},bind=127.0.0.1,fork,reuseaddr,nodelay,backlog=4096",
                f"TCP:127.0.0.1:{UPSTREAM_PORT},nodelay"]


class Delayer(Peer):
    """The bare epoll + timerfd delayer that the latency fault is compared with."""

    def __init__(self, load, *rest):
        super().__init__("bare delayer", *rest)
        self.load = load

    def command(self):
        return [self.load, "delayer", "--listen", str(self.port), "--upstream",
                str(UPSTREAM_PORT), "--delay-us", "10000"]


class Direct:
    """No proxy: the client dials the upstream's own port."""
    name, port = "direct", UPSTREAM_PORT

    def cpu_seconds(self):
        return 0

    def pss_bytes(self):
        return 0

    def wait_alone(self):
        pass

    restart = start = stop = wait_alone
