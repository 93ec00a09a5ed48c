"""Whether Odoo agrees with a filled ledger: benchmark.check DATABASE [SAMPLES].

Odoo computes stored fields of sampled documents anew; what it finds must be what was
filled in. Sums read through the ORM must be those that SQL reads.
"""

from random import Random

from odoo.tools import SQL

from . import session

RECOMPUTED = {
    "account.move": (
        "amount_residual",
        "amount_residual_signed",
        "amount_tax_signed",
        "amount_total",
        "amount_total_signed",
        "amount_untaxed",
        "amount_untaxed_signed",
        "commercial_partner_id",
        "invoice_currency_rate",
        "invoice_date_due",
        "payment_state",
        "sequence_number",
        "sequence_prefix",
    ),
    "account.move.line": (
        "amount_residual",
        "amount_residual_currency",
        "credit",
        "debit",
        "parent_state",
        "partner_id",
        "price_subtotal",
        "price_total",
        "reconciled",
    ),
    "account.payment": (
        "amount_company_currency_signed",
        "is_matched",
        "is_reconciled",
        "state",
    ),
    "sale.order": (
        "amount_tax",
        "amount_total",
        "amount_untaxed",
        "currency_id",
        "currency_rate",
        "invoice_status",
    ),
    "sale.order.line": (
        "invoice_status",
        "price_subtotal",
        "price_total",
        "qty_invoiced",
        "qty_to_invoice",
        "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice",
    ),
}
SUMS = {
    "account.move.line": (
        [
            ("parent_state", "=", "posted"),
            ("account_id.account_type", "=", "asset_receivable"),
        ],
        "amount_residual",
        "SELECT SUM(line.amount_residual) FROM account_move_line line"
        " JOIN account_account account ON account.id = line.account_id"
        " WHERE account.account_type = 'asset_receivable'"
        " AND line.parent_state = 'posted'",
    ),
    "sale.order": (
        [("state", "=", "sale")],
        "amount_total",
        "SELECT SUM(amount_total) FROM sale_order WHERE state = 'sale'",
    ),
}


def main(database, samples="150"):
    with session.environment(database) as env:
        differences = [
            difference
            for model, names in RECOMPUTED.items()
            for difference in recompute(env, model, names, int(samples))
        ]
        differences += unbalanced(env) + unequal_sums(env)
        session.report(differences=differences[:200], count=len(differences))


def recompute(env, model, names, samples):
    """Return what Odoo computes otherwise than it stands there, field by field."""
    ids = env[model].search([], order="id").ids
    records = env[model].browse(Random(7).sample(ids, min(samples, len(ids))))
    before = {name: _values(records, name) for name in names}
    for name in names:
        env.add_to_compute(records._fields[name], records)
    differences = []
    for name in names:
        for record, was in zip(records, before[name], strict=True):
            (now,) = _values(record, name)
            if _differ(was, now):
                differences.append(f"{record}.{name}: {was} is {now} to Odoo")
    return differences


def _values(records, name):
    return [getattr(record[name], "id", record[name]) for record in records]


def _differ(was, now):
    if isinstance(was, float) and isinstance(now, float):
        return abs(was - now) > 0.0001
    return (was or False) != (now or False)


def unbalanced(env):
    rows = env.execute_query(
        SQL(
            "SELECT move_id, SUM(balance), SUM(amount_currency) FROM account_move_line"
            " GROUP BY move_id HAVING SUM(balance) != 0 OR SUM(amount_currency) != 0"
            " LIMIT 20"
        )
    )
    return [f"entry {row[0]} is out of balance by {row[1]}, {row[2]}" for row in rows]


def unequal_sums(env):
    differences = []
    for model, (domain, name, statement) in SUMS.items():
        ((by_orm,),) = env[model]._read_group(domain, [], [f"{name}:sum"])
        ((by_sql,),) = env.execute_query(SQL(statement))
        if abs(by_orm - float(by_sql or 0)) > 0.005:
            differences.append(f"{model}.{name}: {by_sql} is {by_orm} to Odoo")
    return differences


if __name__ == "__main__":
    main(*session.arguments())
