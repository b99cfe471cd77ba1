"""`halfopen run --pcap`: what a run leaves of its wires, read back packet by packet."""

import json
import shutil
import struct
import subprocess
import unittest

from harness_support import HEALTHY, HarnessTest

ETHERNET, LINUX_SLL2 = 1, 276
SYN, PSH, ACK = 0x02, 0x08, 0x10

# The NAT never expires here; it is there to be seen translating.
TRANSLATED = HEALTHY.replace("inside: n1, faults: []",
                             "inside: n1, faults: [{nat: {idle_timeout: 60s}}]")
NEVER_UP = HEALTHY.replace("min(votenode_peer_up{node=\"n1\"}) == 1', within: 10s",
                           "min(votenode_peer_up{node=\"n1\"}) == 2', within: 1s")


class Segment:
    def __init__(self, time, cooked, ip_packet):
        header = (ip_packet[0] & 15) * 4
        total, = struct.unpack_from(">H", ip_packet, 2)
        self.time = time  # nanoseconds since 1970
        self.cooked = cooked  # (interface, type) or None
        self.source = ".".join(map(str, ip_packet[12:16]))
        self.destination = ".".join(map(str, ip_packet[16:20]))
        tcp = ip_packet[header:]
        self.flags = tcp[13]
        self.payload = tcp[(tcp[12] >> 4) * 4:total - header]


def read_pcap(path):
    """The TCP segments of a pcap file with nanoseconds."""
    data = path.read_bytes()
    magic, _, _, _, _, _, layer = struct.unpack_from("<IHHiIII", data)
    assert magic == 0xa1b23c4d, hex(magic)
    at, segments = 24, []
    while at < len(data):
        seconds, nanoseconds, kept, _ = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16:at + 16 + kept]
        assert len(packet) == kept, "the last packet is not complete"
        at += 16 + kept
        if layer == LINUX_SLL2:
            protocol, _, interface, _, kind = struct.unpack_from(">HHIHB", packet)
            cooked, payload = (interface, kind), packet[20:]
        else:
            assert layer == ETHERNET, layer
            protocol, cooked, payload = struct.unpack_from(">H", packet, 12)[0], None, packet[14:]
        if protocol == 0x0800 and payload[9] == 6:
            segments.append(Segment(seconds * 10**9 + nanoseconds, cooked, payload))
    return segments


class Capture(HarnessTest):
    def run_captured(self, text, world, expected_status=0):
        captures = self.folder / "captures"
        outcome = self.run_text(text, "--world", world, "--pcap", captures)
        if "capture: " in outcome.stdout or "lab: " in outcome.stdout:
            self.skipTest(outcome.stdout)
        self.assertEqual(outcome.returncode, expected_status, outcome.stdout + outcome.stderr)
        return captures / "healthy"

    def assert_read_by_tcpdump(self, path):
        if shutil.which("tcpdump") is None:
            return
        outcome = subprocess.run(["tcpdump", "-nn", "-r", path], capture_output=True, text=True,
                                 check=False, timeout=20)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn(".7000: Flags [S]", outcome.stdout)

    def assert_conversation(self, segments):
        self.assertTrue(any(s.flags & (SYN | ACK) == SYN for s in segments), "no SYN")
        self.assertTrue(any(s.flags & (SYN | ACK) == SYN | ACK for s in segments), "no SYN-ACK")
        self.assertTrue(any(b"precommit" in s.payload or len(s.payload) > 20 for s in segments),
                        "no vote")

    def assert_events_fit(self, folder, segments):
        """The events are in the clock of the packets: a send is dated where its bytes are."""
        text = (folder / "n1-n2.events.jsonl").read_text()
        lines = [json.loads(line) for line in text.splitlines()]
        times = [line["mono_ns"] for line in lines]
        self.assertEqual(times, sorted(times))
        programs = {line["program"] for line in lines}
        self.assertLessEqual({"vote-node", "halfopen"}, programs)
        sends = [line for line in lines if line["event"] == "send" and line["node"] == "n1"]
        self.assertTrue(sends)
        seconds, nanoseconds = sends[0]["epoch"].split(".")
        sent = int(seconds) * 10**9 + int(nanoseconds)
        nearest = min(abs(segment.time - sent) for segment in segments if segment.payload)
        self.assertLess(nearest, 20_000_000)
        self.assertIn("step_started", (folder / "n1-n2.txt").read_text())

    def test_the_kernel_world_shows_the_translation(self):
        folder = self.run_captured(TRANSLATED, "kernel")
        segments = read_pcap(folder / "n1-n2.pcap")
        self.assert_conversation(segments)
        syns = [s for s in segments if s.flags & (SYN | ACK) == SYN]
        self.assertEqual([s.source for s in syns[:2]], ["10.66.1.2", "10.88.1.1"])
        self.assertEqual({s.destination for s in syns}, {"10.77.2.1"})
        self.assertNotEqual(syns[0].cooked[0], syns[1].cooked[0])  # in by one interface, out by
        self.assertEqual((syns[0].cooked[1], syns[1].cooked[1]), (0, 4))  # the other
        self.assert_events_fit(folder, segments)
        self.assert_read_by_tcpdump(folder / "n1-n2.pcap")

    def test_the_proxy_world_shows_both_legs(self):
        folder = self.run_captured(HEALTHY, "proxy")
        segments = read_pcap(folder / "n1-n2.pcap")
        self.assert_conversation(segments)
        syns = {s.destination for s in segments if s.flags & (SYN | ACK) == SYN}
        self.assertEqual(syns, {"127.0.2.1", "127.0.1.2"})
        self.assert_events_fit(folder, segments)
        self.assert_read_by_tcpdump(folder / "n1-n2.pcap")

    def test_a_run_that_does_not_get_anywhere_leaves_its_packets(self):
        for world in ("kernel", "proxy"):
            folder = self.run_captured(NEVER_UP, world, expected_status=2)
            segments = read_pcap(folder / "n1-n2.pcap")
            self.assertTrue(any(s.flags & (SYN | ACK) == SYN | ACK for s in segments), world)
            self.assertTrue((folder / "n1-n2.txt").read_text().count("\n") > 5)
            for left in (folder.parent, self.folder / "out"):
                shutil.rmtree(left)


if __name__ == "__main__":
    unittest.main()
