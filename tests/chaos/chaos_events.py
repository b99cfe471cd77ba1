"""The nodes' event files: counted when a process has ended, kept until a check has passed.

The counters of /metrics die with their process, events do not: what a killed node has done is only
here. Files are searched as bytes, since half a million lines as JSON would take longer than a run.
"""

import json
import re

SHOWN_EVENTS_MAX = 12
TRANSITION = re.compile(rb'^.*"event":"(?:transition|started)".*$', re.MULTILINE)


class Story:
    def __init__(self, keeps):
        self.keeps = keeps
        self.counts = {"duplicates received": 0, "resent": 0, "sessions": 0}
        self.longest_outage_seconds = 0.0
        self.files = []

    def take(self, path):
        """Counts a file that nobody writes any more; may run in a thread of its own."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return  # Killed before it wrote a line.
        self.files.append(path)
        self.counts["duplicates received"] += data.count(b'"outcome":"duplicate"')
        self.counts["sessions"] += data.count(b'"event":"connection_opened"')
        self.counts["resent"] += (data.count(b'"event":"vote_sent"')
                                  - data.count(b'"attempt":1}'))
        self.measure_outages(data)

    def measure_outages(self, data):
        """How long this process, while it lived, had no healthy connection to a peer."""
        since = {}  # peer -> when the outage began
        for line in TRANSITION.findall(data):
            event = json.loads(line)
            now = event["mono_ns"] / 1e9
            if event["event"] == "started":
                born = now
            elif event["to"] == "Healthy":
                outage = now - since.pop(event["peer"], born)
                self.longest_outage_seconds = max(self.longest_outage_seconds, outage)
            else:
                since.setdefault(event["peer"], now)

    def forget(self):
        """All that these files tell of has been checked."""
        if not self.keeps:
            for path in self.files:
                path.unlink()
            self.files = []

    @staticmethod
    def about(vote_id, paths):
        """The lines that mention the vote, by time."""
        found = []
        for path in paths:
            wanted = vote_id.encode()
            with open(path, "rb") as lines:
                for line in lines:
                    if wanted in line:
                        found.append((path, line))
        return sorted((told(path, line) for path, line in found))[:SHOWN_EVENTS_MAX]


def told(path, line):
    try:
        event = json.loads(line)
    except ValueError:
        return (0, f"{path.name}: half a line")
    words = [f"{key}={event[key]}" for key in ("peer", "conn", "result", "attempt", "outcome",
                                               "reason") if key in event]
    start = path.name.split(".")[1]
    return (event["mono_ns"], f"{event['wall']} {event['node']} (start {start}) {event['event']} "
                              + " ".join(words))
