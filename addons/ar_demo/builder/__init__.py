"""Builds the demo company, step by step; each step uses the records before it."""

import logging
import time

from .catalogue import build_catalogue
from .companies import build_companies
from .customers import build_people
from .decisions import build_decisions
from .demo import Demo
from .history import build_history
from .settings import build_settings

_logger = logging.getLogger(__name__)

STEPS = (
    build_companies,
    build_catalogue,
    build_people,
    build_history,
    build_settings,
    build_decisions,
)


def build(env):
    """Build the demo company in a database without accounting entries."""
    demo = Demo(env)
    for step in STEPS:
        started = time.monotonic()
        step(demo)
        demo.env.flush_all()
        seconds = time.monotonic() - started
        _logger.info("%s: %.1f s", step.__name__, seconds)
    return demo
