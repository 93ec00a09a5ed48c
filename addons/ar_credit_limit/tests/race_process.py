"""Confirm one order in a process of its own, as a worker of Odoo does: with a registry,
a snapshot and a retry of its own. Started by ``test_race_processes``.

It reads the task, a line of JSON, and writes ``ready`` once it has seen that there is
room; then it waits for a line, confirms, and writes the outcome, a line of JSON.
"""

import json
import sys
from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.module import initialize_sys_path
from odoo.orm.registry import Registry
from odoo.service.model import retrying
from odoo.tools import config


def say(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def confirm(task):
    with closing(Registry(task["database"]).cursor()) as cr:
        context = {"allowed_company_ids": task["companies"]}
        env = api.Environment(cr, SUPERUSER_ID, context)
        order = env["sale.order"].browse(task["order"])
        rooms = []

        def attempt():
            rooms.append(not order._get_credit_violations())
            if len(rooms) == 1:
                say("ready")
                sys.stdin.readline()
            order.action_confirm()
            return order.state

        state = retrying(attempt, env)
        return {"rooms": rooms, "state": state, "credit": order.ar_credit_state}


if __name__ == "__main__":
    task = json.loads(sys.stdin.readline())
    config.parse_config([], setup_logging=False)
    for name, value in task["options"].items():
        config[name] = value
    initialize_sys_path()
    say(json.dumps(confirm(task)))
