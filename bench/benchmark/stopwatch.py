"""Seconds, queries and memory of one act in Odoo's process."""

import gc
import time
from pathlib import Path

STATUS = Path("/proc/self/status")
KILOBYTE = 1024


def measure(env, act):
    """Run ``act`` with nothing cached by the ORM and return what it took."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries = env.cr.sql_log_count
    began = time.perf_counter()
    result = act()
    seconds = time.perf_counter() - began
    return result, {"seconds": seconds, "queries": env.cr.sql_log_count - queries}


def memory_growth(env, act):
    """Return by how many megabytes the process grew, at most, while ``act`` ran."""
    env.invalidate_all()
    gc.collect()
    before = kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    result = act()
    peak = kilobytes("VmHWM")
    del result
    return max(peak - before, 0) * KILOBYTE / 1_000_000


def kilobytes(name):
    for line in STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise AssertionError(f"{name} is not in {STATUS}")
