"""Those who vote: a constant stream of votes over the admin APIs of the nodes that live.

Votes become due at their own pace, whatever the answers are (an open loop), and go to a random
living node. A request without an answer is asked again after the node's restart, now and then with
another choice: a node that had stored the first one must refuse the second.
"""

import asyncio
import collections
import hashlib
import random

from chaos_http import Client, NoAnswer, NotSent
from chaos_ledger import KINDS, Slot, describe

WORKERS_A_NODE = 8
WAITS_SHARE = 0.01      # of the votes: their callers want to hear when all peers have them
WAITING_MAX = 200       # a node behind by more gets no more votes for now
ANSWER_SECONDS = 45     # and a node that says nothing for so long hangs; after 30 s it owes a 504

UNKNOWN_REFUSAL = "not known"  # in the answer of a node whose store failed

Offer = collections.namedtuple("Offer", "slot choice again")


def digest(*words):
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


class Callers:
    def __init__(self, cluster, ledger, options):
        self.cluster, self.ledger, self.options = cluster, ledger, options
        self.draw = random.Random(f"chaos {options.seed} callers")
        self.queues = {name: asyncio.Queue() for name in cluster.nodes}
        self.numbers = {name: 0 for name in cluster.nodes}
        self.unknown = {name: [] for name in cluster.nodes}
        self.last_accepted = {}
        self.busy = 0
        self.waiting = set()  # tasks of callers that wait for all peers
        self.offering = False
        self.offering_seconds = 0.0
        self.tasks = []

    def start(self):
        loop = asyncio.get_running_loop()
        self.tasks = [loop.create_task(self.work(node)) for node in self.cluster.nodes.values()
                      for _ in range(WORKERS_A_NODE)]
        self.tasks.append(loop.create_task(self.pace()))
        return self.tasks

    async def pause(self):
        """No more votes, and every request that is out has ended."""
        self.offering = False
        while self.busy or any(not queue.empty() for queue in self.queues.values()):
            await asyncio.sleep(0.01)

    def resume(self):
        self.offering = True

    # ---- What is offered ----------------------------------------------------------------------

    async def pace(self):
        """So many votes a second, on average; what nobody can take is skipped and counted."""
        loop = asyncio.get_running_loop()
        last, due = loop.time(), 0.0
        while True:
            await asyncio.sleep(0.005)
            now = loop.time()
            if self.offering:
                due += (now - last) * self.options.votes_per_second
                self.offering_seconds += now - last
            while due >= 1:
                due -= 1
                self.offer_one()
            last = now

    def offer_one(self):
        able = [name for name, node in self.cluster.nodes.items()
                if node.ready and self.queues[name].qsize() < WAITING_MAX]
        if not able:
            self.ledger.counts["skipped: no node that lives takes one"] += 1
            return
        name = self.draw.choice(able)
        self.queues[name].put_nowait(self.next_offer(name))

    def next_offer(self, name):
        number = self.numbers[name]
        self.numbers[name] += 1
        height, round_, kind = 1 + number // 4, number // 2 % 2, KINDS[number % 2]
        # The nodes mostly agree, so that there are quorums, too.
        choice = digest(self.options.seed, height, round_, kind)
        odd = self.draw.random()
        if odd < 0.05:
            choice = None
        elif odd < 0.1:
            choice = digest(self.options.seed, height, round_, kind, name)
        return Offer(Slot(self.cluster.keys[name], height, round_, kind), choice, again=False)

    def ask_again(self, name):
        """After a restart: what was not answered, and a trap for the guard against two votes."""
        for offer in self.unknown.pop(name):
            choice, odd = offer.choice, self.draw.random()
            if odd < 0.2:
                continue  # Its caller has gone.
            if odd < 0.5:
                choice = digest("another", *offer.slot)
            self.queues[name].put_nowait(Offer(offer.slot, choice, again=True))
        self.unknown[name] = []
        if name in self.last_accepted:
            slot = self.last_accepted[name]
            self.queues[name].put_nowait(Offer(slot, digest("trap", *slot), again=True))

    # ---- How it is answered -------------------------------------------------------------------

    async def work(self, node):
        client = Client(*node.admin, ANSWER_SECONDS)
        queue = self.queues[node.name]
        while True:
            offer = await queue.get()
            if not offer.again and self.draw.random() < WAITS_SHARE:
                task = asyncio.get_running_loop().create_task(self.cast_and_wait(node, offer))
                self.waiting.add(task)
                task.add_done_callback(self.waiting.discard)
                continue
            self.busy += 1
            try:
                await self.cast(node, client, offer)
            finally:
                self.busy -= 1

    async def cast_and_wait(self, node, offer):
        """On a connection of its own: the answer may take until all is healed."""
        client = Client(*node.admin, answer_seconds=None)
        try:
            await self.cast(node, client, offer, "?wait=peers")
        finally:
            client.close()

    async def cast(self, node, client, offer, query=""):
        slot, choice = offer.slot, offer.choice
        is_new = self.ledger.offer(slot, choice)
        counts = self.ledger.counts
        if offer.again:
            counts["asked again"] += 1
        try:
            status, text = await client.json_status("POST", "/votes" + query, {
                "height": slot.height, "round": slot.round, "kind": slot.kind, "choice": choice})
        except NotSent:
            return self.ledger.refuse(slot, choice, "not connected", is_new)
        except NoAnswer as error:
            counts["unknown"] += 1
            if str(error).endswith("TimeoutError"):
                self.ledger.violations.append(
                    f"{node.name} did not answer within {ANSWER_SECONDS} s: {describe(slot)}")
            self.unknown[node.name].append(offer)
            return None
        if status == (200 if query else 202):
            counts["accepted when at all peers"] += bool(query)
            self.last_accepted[node.name] = slot
            return self.ledger.accept(slot, choice, text["id"])
        reason = f"{status} {text.get('error', text)}"
        if status == 504 or status == 503 and UNKNOWN_REFUSAL in reason:
            counts["unknown"] += 1
            return self.unknown[node.name].append(offer)
        if status not in (409, 503):
            self.ledger.violations.append(f"{node.name} answered {reason} to {describe(slot)}")
        elif status == 409 and not offer.again:
            self.ledger.violations.append(f"{node.name} refused the first vote of {describe(slot)}")
        return self.ledger.refuse(slot, choice, reason, is_new)
