"""What open disputes cost the nights, and what opening many at once takes:
benchmark.disputes DATABASE SHARE_OF_M.

The ledger is that of the nights of dunning. On size M ten thousand disputes are open,
on a smaller one as many in proportion.
"""

import psycopg2

from . import dunning, session
from .stopwatch import measure

DISPUTES_ON_M = 10_000
AT_ONCE = 500
FEW = 50
REASON = "ar_dispute.ar_dispute_reason_price"


def main(database, share):
    with session.environment(database) as env:
        dunning.take_payments_off(env)
        dunning.switch_on(env)
        env.company.sudo().ar_dispute_active = True
        env.flush_all()
        before = night(env)
        items = list(disputable(env, int(DISPUTES_ON_M * float(share))))
        opened = open_in_batches(env, items)
        after = night(env)
        session.report(
            disputes=len(items), without=before, opening=opened, nights=after
        )


def night(env):
    """A first night; what it planned is taken away again."""
    facts = dunning.night(env)
    env.cr.execute(
        """DELETE FROM ar_dunning_message; DELETE FROM ar_dunning_reminder_line;
           DELETE FROM ar_dunning_reminder; DELETE FROM ar_dunning_item"""
    )
    env.cr.commit()
    env.invalidate_all()
    vacuum(env.cr.dbname)
    return facts


def vacuum(database):
    """Each night meets tables as a database has them in the evening."""
    connection = psycopg2.connect(dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def disputable(env, count):
    """Items that a night would ask for, each of an invoice of its own."""
    env.cr.execute(
        """SELECT MIN(line.id) FROM account_move_line line
             JOIN account_account account
               ON account.id = line.account_id
              AND account.account_type = 'asset_receivable'
             JOIN account_move move ON move.id = line.move_id
            WHERE line.parent_state = 'posted' AND NOT line.reconciled
              AND line.amount_residual > 0 AND line.date_maturity < CURRENT_DATE
              AND move.move_type = 'out_invoice' AND line.partner_id IS NOT NULL
         GROUP BY line.move_id ORDER BY MIN(line.id) LIMIT %s""",
        (count,),
    )
    return [row[0] for row in env.cr.fetchall()]


def open_in_batches(env, items):
    """Open a dispute about each item; the queries are those of a few and of many."""
    few, _rest = items[:FEW], items[FEW:]
    facts = {"few": open_many(env, few), "few_count": len(few)}
    taken = []
    for start in range(FEW, len(items), AT_ONCE):
        batch = items[start : start + AT_ONCE]
        taken.append((len(batch), open_many(env, batch)))
    whole = [facts_of for size, facts_of in taken if size == AT_ONCE] or [taken[-1][1]]
    return {**facts, "many": whole[0], "many_count": min(AT_ONCE, len(items) - FEW)}


def open_many(env, line_ids):
    from odoo.addons.ar_dispute.models.ar_dispute_opening import (  # noqa: PLC0415
        Opening,
    )

    reason = env.ref(REASON)
    lines = env["account.move.line"].browse(line_ids)
    disputes = env["ar.dispute"].sudo()
    _result, taken = measure(
        env,
        lambda: (
            disputes._open_many([Opening(line, reason, {}, {}) for line in lines]),
            env.flush_all(),
        ),
    )
    return taken


if __name__ == "__main__":
    main(*session.arguments())
