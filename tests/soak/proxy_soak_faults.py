"""Which faults the soak adds, with what attributes, and what each may do to a connection.

A fault type that fault-proxy offers and that is not here makes the soak fail: nothing is left out
by being forgotten.
"""

STREAM, CONNECTION = "stream", "connection"
# What a fault does to a connection under it.
DELAYS, ENDS, CHANGES = "delays", "ends", "changes"


class Fault:
    def __init__(self, kind, does, attributes, seconds=(0.5, 5), pause=0, is_event=False):
        self.kind, self.does, self.attributes = kind, does, attributes
        self.seconds = seconds    # it stays for so long
        self.pause = pause        # and is not added to the same proxy again for so long
        self.is_event = is_event  # may be past change, or gone, by itself


def milliseconds(random, least, most):
    return f"{random.randint(least, most)}ms"


def nat(random):
    on_expiry = random.choice(["none", "rst_both", "rst_inside", "fin_both"])
    on_next_packet = ["drop", "rst", "repick_new_port"]
    if on_expiry == "none":
        on_next_packet.append("repick_same_port")  # Where all is over, nothing can be picked up.
    return {"idle_timeout": f"{random.randint(1, 4)}s", "on_expiry": on_expiry,
            "on_next_packet": random.choice(on_next_packet),
            "refresh_by": random.choice(["segments", "bytes"])}


def asymmetric(random):
    return {"forget": random.choice(["client", "upstream"]),
            "how": random.choice(["silent", "rst", "fin"]),
            "then": random.choice(["drop", "rst"])}


def peer_restart(random):
    return {"kind": random.choice(["graceful", "crash", "power_loss"]),
            "down_time": milliseconds(random, 100, 1500)}


# A bulk of 2 MiB takes 20 s at the lowest rate.
FAULTS = {
    "latency": Fault(STREAM, DELAYS, lambda random: {"latency": random.randint(0, 300),
                                                     "jitter": random.randint(0, 150)}),
    "bandwidth": Fault(STREAM, DELAYS, lambda random: {"rate": random.randint(100, 5000)}),
    "slow_close": Fault(STREAM, DELAYS, lambda random: {"delay": random.randint(0, 1000)}),
    "slicer": Fault(STREAM, DELAYS, lambda random: {"average_size": random.randint(500, 5000),
                                                    "size_variation": random.randint(0, 400),
                                                    "delay": random.randint(0, 1000)}),
    "noop": Fault(STREAM, DELAYS, lambda random: {}),
    "timeout": Fault(STREAM, ENDS, lambda random: {"timeout": random.randint(0, 2000)}),
    "reset_peer": Fault(STREAM, ENDS, lambda random: {"timeout": random.randint(0, 2000)}),
    "limit_data": Fault(STREAM, ENDS, lambda random: {"bytes": random.randint(0, 200000)}),
    "corrupt": Fault(STREAM, CHANGES, lambda random: {"every_bytes": random.randint(50, 50000)}),
    # Retransmissions wait longer each time, so what heals is healed soon, and rests afterwards.
    "blackhole": Fault(CONNECTION, DELAYS, lambda random: {}, (0.1, 1), 10),
    "syn_drop": Fault(CONNECTION, DELAYS, lambda random: {}, (0.1, 1), 10),
    "flap": Fault(CONNECTION, DELAYS, lambda random: {"up": milliseconds(random, 500, 2000),
                                                      "down": milliseconds(random, 50, 300),
                                                      "how": "blackhole"}, (1, 4), 15),
    "nat": Fault(CONNECTION, ENDS, nat),
    "peer_restart": Fault(CONNECTION, ENDS, peer_restart, (0.5, 3), 5, is_event=True),
    "refuse": Fault(CONNECTION, ENDS, lambda random: {}),
    "accept_then_silence": Fault(CONNECTION, ENDS,
                                 lambda random: {"acks": random.random() < 0.5}),
    "reset_on_next": Fault(CONNECTION, ENDS,
                           lambda random: {"side": random.choice(["client", "upstream", "both"]),
                                           "new_connections": random.random() < 0.5}, pause=5,
                           is_event=True),
    "half_close": Fault(CONNECTION, ENDS,
                        lambda random: {"side": random.choice(["client", "upstream"])}, pause=5,
                        is_event=True),
    "asymmetric": Fault(CONNECTION, ENDS, asymmetric, pause=5, is_event=True),
}

# What may be added to the proxies of each group.
GROUPS = {"exact": {DELAYS}, "lossy": {DELAYS, ENDS}, "corrupt": {DELAYS, CHANGES}}


def types_for(group, offered):
    return [name for name in offered if FAULTS[name].does in GROUPS[group]]
