"""What a run does, drawn from its seed alone: who is killed when, which faults meet which links.

Each round is drawn from the seed and its own number, so that round 700 is the same in a run of 50
rounds more, and nothing that happens in a run changes what comes next.
"""

import dataclasses
import random

NODES = ("n1", "n2", "n3", "n4")
# Every node dials every other one, so that both dials of a pair cross all the time.
LINKS = tuple(f"{dialer}-{peer}" for dialer in NODES for peer in NODES if dialer != peer)
ROUND_SECONDS = 0.5
FAULTS_A_ROUND_MAX = 6


@dataclasses.dataclass(frozen=True)
class Fault:
    link: str
    type: str
    after_seconds: float  # since the round began
    life_seconds: float
    stream: str           # "" for a fault of a connection
    attributes: dict


@dataclasses.dataclass(frozen=True)
class Round:
    number: int
    victim: str
    after_seconds: float  # since the round began
    down_seconds: float
    # False: the kill may meet a node that is still starting.
    waits_until_ready: bool
    faults: tuple


def milliseconds(draw, least, most):
    return f"{draw.randint(least, most)}ms"


def blackhole(draw):
    if draw.random() < 0.5:
        return {"at": draw.choice(["both", "inside", "outside"])}
    return {"direction": draw.choice(["upstream", "downstream"])}


def nat(draw):
    on_expiry = draw.choice(["none", "none", "rst_both", "rst_inside", "fin_both"])
    on_next_packet = ["drop", "rst", "repick_new_port"]
    if on_expiry == "none":
        on_next_packet.append("repick_same_port")  # Where all is over, nothing is picked up.
    return {"idle_timeout": milliseconds(draw, 100, 1000), "on_expiry": on_expiry,
            "on_next_packet": draw.choice(on_next_packet),
            "inside": draw.choice(["client", "upstream"]),
            "refresh_by": draw.choice(["segments", "bytes"])}


def asymmetric(draw):
    return {"forget": draw.choice(["client", "upstream"]),
            "how": draw.choice(["silent", "rst", "fin"]), "then": draw.choice(["drop", "rst"])}


def peer_restart(draw):
    return {"kind": draw.choice(["graceful", "crash", "power_loss"]),
            "down_time": milliseconds(draw, 50, 800)}


def flap(draw):
    return {"up": milliseconds(draw, 100, 600), "down": milliseconds(draw, 50, 300),
            "how": draw.choice(["blackhole", "refuse", "reset"])}


# Of a connection: one of a type on a link.
CONNECTION_FAULTS = {
    "nat": nat,
    "blackhole": blackhole,
    "syn_drop": lambda draw: {},
    "refuse": lambda draw: {},
    "peer_restart": peer_restart,
    "accept_then_silence": lambda draw: {"acks": draw.random() < 0.5},
    "reset_on_next": lambda draw: {"side": draw.choice(["client", "upstream", "both"]),
                                   "new_connections": draw.random() < 0.5},
    "half_close": lambda draw: {"side": draw.choice(["client", "upstream"])},
    "asymmetric": asymmetric,
    "flap": flap,
}
# Of a stream: any number on a link.
STREAM_FAULTS = {
    "latency": lambda draw: {"latency": draw.randint(1, 200), "jitter": draw.randint(0, 100)},
    "bandwidth": lambda draw: {"rate": draw.randint(5, 200)},
    "slow_close": lambda draw: {"delay": draw.randint(10, 800)},
    "timeout": lambda draw: {"timeout": draw.randint(0, 800)},
    "reset_peer": lambda draw: {"timeout": draw.randint(0, 800)},
    "limit_data": lambda draw: {"bytes": draw.randint(0, 20000)},
    "slicer": lambda draw: {"average_size": draw.randint(2, 200), "size_variation": 1,
                            "delay": draw.randint(0, 500)},
}
# What a wire does that TCP's checksum does not see: only a link that authenticates may meet it.
CORRUPTION = {"corrupt": lambda draw: {"every_bytes": draw.randint(200, 20000)}}
# Not faults of the proxy but calls of its API.
OPERATIONS = {
    "disable": lambda draw: {},
    "kill_connections": lambda draw: {"how": draw.choice(["rst", "fin", "vanish"])},
}


def fault_types(corrupts):
    return {**CONNECTION_FAULTS, **STREAM_FAULTS, **(CORRUPTION if corrupts else {}), **OPERATIONS}


def draw_fault(draw, corrupts):
    types = fault_types(corrupts)
    name = draw.choice(list(types))
    is_stream = name in STREAM_FAULTS or name in CORRUPTION
    return Fault(link=draw.choice(LINKS), type=name,
                 after_seconds=draw.uniform(0, ROUND_SECONDS),
                 life_seconds=draw.choice([draw.uniform(0.05, 0.5), draw.uniform(0.3, 3)]),
                 stream=draw.choice(["upstream", "downstream", "both"]) if is_stream else "",
                 attributes=types[name](draw))


def draw_round(seed, number, corrupts):
    draw = random.Random(f"chaos {seed} round {number}")
    faults = tuple(draw_fault(draw, corrupts) for _ in range(draw.randint(0, FAULTS_A_ROUND_MAX)))
    return Round(number=number, victim=draw.choice(NODES),
                 after_seconds=draw.uniform(0, ROUND_SECONDS / 2),
                 down_seconds=draw.choice([0, draw.uniform(0.01, 0.3)]),
                 waits_until_ready=draw.random() < 0.8, faults=faults)
