"""One line per stage of work, with the seconds it took."""

import sys
import threading
import time
from contextlib import contextmanager

_started = time.monotonic()
_printing = threading.Lock()


def say(text):
    """Print a line at once, also when two stages run side by side."""
    with _printing:
        print(text, flush=True)


@contextmanager
def stage(text):
    """Announce a piece of work and, when it is done, how long it took."""
    say(f"  … {text}")
    begun = time.monotonic()
    yield
    say(f"  ✓ {text} ({time.monotonic() - begun:.0f} s)")


def total():
    """Seconds since this command started."""
    return time.monotonic() - _started


def use_plain_output():
    """Never fail on a terminal whose encoding lacks a character."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
