"""What the callers know, and the verdict on what the nodes hold. Pure: no node, no clock.

A vote was accepted if its caller saw 202. A request without an answer is unknown: its vote may be
nowhere, or everywhere, but nothing in between.
"""

import collections
import hashlib

NETWORK = "chaos"
KINDS = ("prevote", "precommit")
SHOWN_MAX = 10

# One voter, one height, one round, one kind: there may be one vote.
Slot = collections.namedtuple("Slot", "voter height round kind")


class Ledger:
    def __init__(self):
        self.accepted = {}                             # id -> (slot, choice)
        self.accepted_slots = {}                       # slot -> id
        self.tried = collections.defaultdict(set)      # slot -> choices that may be in a store
        self.counts = collections.Counter()
        self.refused = collections.Counter()           # by reason
        self.violations = []

    def offer(self, slot, choice):
        """True if this choice was never tried for the slot: when refused, it must be nowhere."""
        self.counts["offered"] += 1
        is_new = choice not in self.tried[slot]
        self.tried[slot].add(choice)
        return is_new

    def accept(self, slot, choice, vote_id):
        before = self.accepted_slots.setdefault(slot, vote_id)
        if before != vote_id:
            self.violations.append(f"equivocation: {describe(slot)} was accepted as {before}, then "
                                   f"as {vote_id}")
        if vote_id in self.accepted and self.accepted[vote_id] != (slot, choice):
            self.violations.append(f"id {vote_id} was given to two votes")
        elif vote_id not in self.accepted:
            self.counts["accepted"] += 1
        self.accepted[vote_id] = (slot, choice)

    def refuse(self, slot, choice, reason, is_new):
        self.refused[reason] += 1
        if is_new:
            self.tried[slot].discard(choice)

    def judge(self, held):
        """`held`: {node: its votes in their order}. All that does not hold, as text."""
        found = list(self.violations)
        by_node = {}
        for node, votes in held.items():
            by_node[node] = {vote["id"]: vote for vote in votes}
            found += self.judge_node(node, votes)
        found += self.judge_places(by_node)
        found += self.judge_slots(by_node)
        return found

    def judge_node(self, node, votes):
        seen, last = set(), 0
        for vote in votes:
            if vote["id"] in seen:
                yield f"vote {vote['id']} is at {node} twice"
            seen.add(vote["id"])
            if vote["seq"] <= last:
                yield f"vote {vote['id']} at {node} has number {vote['seq']} after {last}"
            last = vote["seq"]
            if len(vote.get("signature") or "") != 128:
                yield f"vote {vote['id']} at {node} has no signature: {vote.get('signature')}"

    def judge_places(self, by_node):
        for vote_id in self.accepted.keys() | set().union(*by_node.values()):
            missing = [node for node, votes in by_node.items() if vote_id not in votes]
            if missing:
                kind = "accepted" if vote_id in self.accepted else "not known to be accepted"
                at = [node for node in by_node if node not in missing]
                yield (f"vote {vote_id} ({kind}) is missing at {', '.join(missing)}; "
                       f"it is at {', '.join(at) or 'no node'}")

    def judge_slots(self, by_node):
        ids = collections.defaultdict(set)
        contents = collections.defaultdict(set)
        for votes in by_node.values():
            for vote in votes.values():
                slot, choice = slot_of(vote), vote["choice"]
                ids[slot].add(vote["id"])
                contents[vote["id"]].add((slot, choice, vote.get("signature")))
                if vote["id"] != id_of(vote):
                    yield f"vote {vote['id']} has the content of {id_of(vote)}"
                if choice not in self.tried.get(slot, ()):
                    yield f"vote {vote['id']}, {describe(slot)}, is one that no caller offered"
                if vote["network"] != NETWORK:
                    yield f"vote {vote['id']} is for the network {vote['network']}"
                if self.accepted.get(vote["id"], (slot, choice)) != (slot, choice):
                    yield f"vote {vote['id']}, {describe(slot)}, is not what its caller asked for"
        for slot, several in ids.items():
            if len(several) > 1:
                yield f"equivocation: {describe(slot)} is held as {', '.join(sorted(several))}"
        for vote_id, several in contents.items():
            if len(several) > 1:
                yield f"vote {vote_id} is not the same at every node"


def id_of(vote):
    """As node/core/WIRE.md says."""
    content = b"".join([*(len(text).to_bytes(4, "big") + text.encode()
                          for text in ("halfopen vote 2", vote["network"])),
                        vote["height"].to_bytes(8, "big"), vote["round"].to_bytes(4, "big"),
                        bytes([KINDS.index(vote["kind"]) + 1]),
                        bytes([vote["choice"] is not None]),
                        bytes.fromhex(vote["choice"] or ""), bytes.fromhex(vote["voter"]),
                        vote["time_ms"].to_bytes(8, "big")])
    return hashlib.sha256(content).hexdigest()


def slot_of(vote):
    return Slot(vote["voter"], vote["height"], vote["round"], vote["kind"])


def describe(slot):
    return f"{slot.kind} of {slot.voter[:8]} for height {slot.height}, round {slot.round}"
