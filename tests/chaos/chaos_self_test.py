#!/usr/bin/env python3
"""The verdict of ci/chaos can fail: each rule is broken once. And a seed is a plan."""

import sys
import unittest

sys.dont_write_bytecode = True
import chaos_plan as plan  # noqa: E402
from chaos_ledger import NETWORK, Ledger, Slot, id_of  # noqa: E402

SLOT = Slot("ab" * 32, 1, 0, "prevote")
OTHER = Slot("ab" * 32, 1, 0, "precommit")


C1, C2 = "c1" * 32, "c2" * 32


def vote(number, slot=SLOT, choice=C1, **changes):
    content = {"seq": number, "network": NETWORK, "voter": slot.voter, "height": slot.height,
               "round": slot.round, "kind": slot.kind, "choice": choice, "time_ms": 1000,
               "signature": "0" * 128}
    return {**content, "id": id_of(content), **changes}


X1, X2 = vote(1)["id"], vote(1, choice=C2)["id"]


class Judge(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()
        self.ledger.offer(SLOT, C1)

    def accept(self):
        self.ledger.accept(SLOT, C1, X1)

    def expect(self, words, n1, n2):
        found = self.ledger.judge({"n1": n1, "n2": n2})
        self.assertTrue(any(words in line for line in found), found)

    def test_a_vote_that_is_everywhere_once_is_fine(self):
        self.accept()
        self.assertEqual(self.ledger.judge({"n1": [vote(1)], "n2": [vote(7)]}), [])

    def test_an_accepted_vote_may_not_be_missing(self):
        self.accept()
        self.expect(f"{X1} (accepted) is missing at n2; it is at n1", [vote(1)], [])

    def test_an_accepted_vote_may_not_be_nowhere(self):
        self.accept()
        self.expect(f"{X1} (accepted) is missing at n1, n2", [], [])

    def test_an_unknown_vote_may_be_nowhere(self):
        self.assertEqual(self.ledger.judge({"n1": [], "n2": []}), [])

    def test_an_unknown_vote_may_not_be_in_one_place(self):
        self.expect(f"{X1} (not known to be accepted) is missing at n1", [], [vote(1)])

    def test_no_vote_is_held_twice(self):
        self.accept()
        self.expect(f"{X1} is at n2 twice", [vote(1)], [vote(1), vote(2)])

    def test_no_number_is_used_twice(self):
        self.ledger.offer(OTHER, C1)
        both = [vote(1), vote(1, OTHER)]
        self.expect("has number 1 after 1", both, both)

    def test_no_two_votes_for_one_slot(self):
        self.ledger.offer(SLOT, C2)
        both = [vote(1), vote(2, choice=C2)]
        self.expect("is held as", both, both)

    def test_no_two_acceptances_for_one_slot(self):
        self.accept()
        self.ledger.accept(SLOT, C2, X2)
        self.expect(f"was accepted as {X1}, then as {X2}", [vote(1)], [vote(1)])

    def test_a_refused_vote_is_nowhere(self):
        self.ledger.refuse(SLOT, C1, "503", is_new=True)
        self.expect("is one that no caller offered", [vote(1)], [vote(1)])

    def test_an_unknown_vote_that_is_refused_when_asked_again_may_be_there(self):
        self.ledger.refuse(SLOT, C1, "503", is_new=self.ledger.offer(SLOT, C1))
        self.assertEqual(self.ledger.judge({"n1": [vote(1)], "n2": [vote(1)]}), [])

    def test_a_vote_is_what_its_caller_asked_for(self):
        self.accept()
        self.ledger.offer(OTHER, C1)
        changed = [vote(1, OTHER, id=X1)]
        self.expect("is not what its caller asked for", changed, changed)

    def test_an_id_is_that_of_the_content(self):
        changed = [vote(1, time_ms=1001, id=X1)]
        self.expect(f"vote {X1} has the content of", changed, changed)

    def test_a_vote_is_for_this_network(self):
        other = [vote(1, network="other")]
        self.expect("is for the network other", other, other)

    def test_a_vote_is_the_same_everywhere(self):
        self.accept()
        self.expect("not the same at every node", [vote(1)], [vote(1, signature="1" * 128)])

    def test_a_vote_has_a_signature(self):
        self.accept()
        self.expect("has no signature", [vote(1)], [vote(1, signature=None)])


class Plan(unittest.TestCase):
    def test_a_seed_is_a_plan(self):
        def of(seed):
            return [plan.draw_round(seed, number, corrupts=True) for number in range(1, 200)]
        self.assertEqual(of(1), of(1))
        self.assertNotEqual(of(1), of(2))

    def test_every_node_is_killed_and_every_fault_comes_on_every_link(self):
        rounds = [plan.draw_round(1, number, corrupts=True) for number in range(1, 1001)]
        self.assertEqual({drawn.victim for drawn in rounds}, set(plan.NODES))
        faults = [fault for drawn in rounds for fault in drawn.faults]
        self.assertEqual({fault.type for fault in faults}, plan.fault_types(True).keys())
        self.assertEqual({fault.link for fault in faults}, set(plan.LINKS))

    def test_what_nothing_detects_meets_only_links_that_authenticate(self):
        rounds = [plan.draw_round(1, number, corrupts=False) for number in range(1, 1001)]
        self.assertNotIn("corrupt", {fault.type for drawn in rounds for fault in drawn.faults})


if __name__ == "__main__":
    unittest.main()
