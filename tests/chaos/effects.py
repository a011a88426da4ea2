"""What the handlers did, as told by the lines that they write (slow_processor.cpp): read as they are written, from every processor."""

import datetime
import json
import threading
import time

from checker import Handled

INTERVAL_S = 0.05


class Effects:
    """Follows the logs of the processors. With `own_clock` the time of a line is when it was seen, for processors whose
    own clock is off; else the line's own."""

    def __init__(self, logs, own_clock=False):
        self.own_clock = own_clock
        self.handled = []
        self._files = [(number, path, 0) for number, path in enumerate(logs)]
        self._ended = threading.Event()
        self._since_monotonic = time.time() - time.monotonic()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def finish(self):
        """Everything that has been written by now."""
        self._ended.set()
        self._thread.join()
        self._read()
        return self.handled

    def _follow(self):
        while not self._ended.wait(INTERVAL_S):
            self._read()

    def _read(self):
        for index, (number, path, position) in enumerate(self._files):
            try:
                with open(path, "rb") as file:
                    file.seek(position)
                    text = file.read()
            except FileNotFoundError:
                continue
            whole = text.rfind(b"\n") + 1  # a line that is being written is read the next time
            self._files[index] = (number, path, position + whole)
            for line in text[:whole].splitlines():
                if b'"message":"event"' in line:
                    self._note(number, json.loads(line))

    def _note(self, processor, line):
        seen = time.monotonic()
        if not self.own_clock:
            seen = datetime.datetime.fromisoformat(line["time"]).timestamp() - self._since_monotonic
        self.handled.append(Handled(line["id"], int(line["partition"]), int(line["offset"]), processor, seen))
