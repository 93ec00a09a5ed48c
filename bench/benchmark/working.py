"""One worker that does what it is told: benchmark.working DATABASE CUSTOMERS COUNT.

It prepares as many documents of each kind as it is to work on, then reads the name of
an act a line and answers with the seconds and queries that it took. Every act has its
own transaction and is committed, as a click is.
"""

import json
import sys
import time

from odoo import api
from odoo.fields import Command
from odoo.modules.registry import Registry

from . import plan, session

ACTS = ("confirm", "post", "validate", "reconcile")


def main(database, customers, count):
    with session.environment(database) as env:
        user_id = env.uid
        prepared = prepare(env, json.loads(customers), int(count))
        env.cr.commit()
    answer(ready=True)
    registry = Registry(database)
    for line in sys.stdin:
        name = line.strip()
        record_ids = prepared[name].pop()
        with registry.cursor() as cr:
            env = api.Environment(cr, user_id, {"tz": "UTC", "lang": "en_US"})
            answer(**work(env, name, record_ids))


def answer(**facts):
    print("RESULT " + json.dumps(facts), flush=True)


def work(env, name, record_ids):
    model, method = METHODS[name]
    records = env[model].browse(record_ids)
    queries, began = env.cr.sql_log_count, time.perf_counter()
    method(records)
    env.cr.commit()
    seconds = time.perf_counter() - began
    facts = {"seconds": seconds, "queries": env.cr.sql_log_count - queries}
    return {**facts, "done": DONE[name](records)}


METHODS = {
    "confirm": ("sale.order", lambda order: order.action_confirm()),
    "post": ("account.move", lambda move: move.action_post()),
    "validate": ("stock.picking", lambda picking: picking.button_validate()),
    "reconcile": ("account.move.line", lambda lines: lines.reconcile()),
}
#: Whether an act had its effect: what was refused is not as fast as it looks.
DONE = {
    "confirm": lambda order: order.state == "sale",
    "post": lambda move: move.state == "posted",
    "validate": lambda picking: picking.state == "done",
    "reconcile": lambda lines: all(lines.mapped("reconciled")),
}


def prepare(env, customers, count):
    """Create what the acts work on: {act: [record ids]}."""
    _settle_switches(env)
    chosen = [customers[number % len(customers)] for number in range(count)]
    goods = env["product.product"].create(
        [
            {"name": f"Goods {number}", "type": "consu", "invoice_policy": "order"}
            for number in range(3)
        ]
    )
    orders = _orders(env, chosen, goods)
    to_ship = _orders(env, chosen, goods)
    to_ship.action_confirm()
    return {
        "confirm": [[order.id] for order in orders],
        "validate": [order.picking_ids.ids for order in to_ship],
        "post": [[move.id] for move in _invoices(env, chosen, goods)],
        "reconcile": _open_pairs(env, chosen, goods),
    }


def _settle_switches(env):
    """No question to the user may come between a click and its effect."""
    company = env.company.sudo()
    for name in ("stock_text_confirmation", "stock_move_email_validation"):
        if name in company._fields:
            company[name] = False


def _orders(env, customers, goods):
    return env["sale.order"].create(
        [
            {
                "partner_id": customer,
                "order_line": [
                    Command.create({"product_id": product.id, "price_unit": 8})
                    for product in goods
                ],
            }
            for customer in customers
        ]
    )


def _invoices(env, customers, goods):
    return env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer,
                "invoice_date": plan.LAST_DAY,
                "invoice_line_ids": [
                    Command.create({"product_id": product.id, "price_unit": 8})
                    for product in goods
                ],
            }
            for customer in customers
        ]
    )


def _open_pairs(env, customers, goods):
    """Receivable items of an invoice and of a credit note of the same amount."""
    invoices = _invoices(env, customers, goods)
    refunds = invoices.copy({"move_type": "out_refund", "invoice_date": plan.LAST_DAY})
    (invoices | refunds).action_post()
    return [
        (invoice | refund)
        .line_ids.filtered(lambda line: line.display_type == "payment_term")
        .ids
        for invoice, refund in zip(invoices, refunds, strict=True)
    ]


if __name__ == "__main__":
    main(*session.arguments())
