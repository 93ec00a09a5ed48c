"""Odoo on one database, in this process; started by `processes.run_module`."""

import json
import sys
from contextlib import contextmanager


@contextmanager
def environment(database):
    """An environment of the administrator, with a cursor that is never committed."""
    import odoo.init  # noqa: F401, PLC0415  what Odoo sets up for itself first
    from odoo import api  # noqa: PLC0415
    from odoo.modules.registry import Registry  # noqa: PLC0415
    from odoo.tools import config  # noqa: PLC0415

    config.parse_config(["-d", database, "--log-level=error"], setup_logging=True)
    registry = Registry(database)
    with registry.cursor() as cr:
        user = api.Environment(cr, 1, {}).ref("base.user_admin")
        env = api.Environment(cr, user.id, {"tz": "UTC", "lang": "en_US"})
        try:
            yield env
        finally:
            cr.rollback()


def report(**facts):
    """Print what was found, for `processes.run_module` to read."""
    print("\nRESULT " + json.dumps(facts), flush=True)


def arguments():
    return sys.argv[1:]
