"""What asking for all that is overdue costs: benchmark.dunning DATABASE VARIANT.

The ledger is that of the size, with payments taken off until three items out of eight
invoices are overdue: what a company brings along that never chased. Nothing is sent.
"""

import time
from contextlib import contextmanager

from odoo.fields import Datetime
from odoo.tools import SQL

from . import session
from .stopwatch import KILOBYTE, kilobytes, measure

#: Overdue items for each invoice of the ledger.
OVERDUE_SHARE = 0.375
#: Of the items, in an ordinary night.
CHANGED_SHARE = 0.03
MESSAGES = 500
CHECKED = (
    "line_id, scenario_id, version, due_date, cycle, step_done, next_step_id,"
    " next_date, next_occurrence, reminder_id, amount_open, calendar_id, phase_end,"
    " must_decide"
)
SCENARIO = "ar_dunning_scenario.ar_dunning_scenario_b2b"


def main(database, variant):
    with session.environment(database) as env:
        overdue = take_payments_off(env)
        session.report(**VARIANTS[variant](env), overdue=overdue)


def take_payments_off(env):
    """Delete payments, the newest first, until enough items are overdue.

    :return: how many are
    """
    env.cr.execute("SELECT COUNT(*) FROM account_move WHERE move_type = 'out_invoice'")
    missing = int(env.cr.fetchone()[0] * OVERDUE_SHARE) - count_overdue(env)
    env.cr.execute(
        """CREATE TEMP TABLE gone ON COMMIT DROP AS
           WITH settled AS (
               SELECT payment.id, payment.move_id,
                      COUNT(*) FILTER (WHERE item.date_maturity < CURRENT_DATE) AS items
                 FROM account_payment payment
                 JOIN account_move_line credit ON credit.move_id = payment.move_id
                 JOIN account_partial_reconcile partial
                   ON partial.credit_move_id = credit.id
                 JOIN account_move_line item
                   ON item.id = partial.debit_move_id AND item.reconciled
             GROUP BY payment.id),
           counted AS (
               SELECT *, SUM(items) OVER (ORDER BY id DESC) AS so_far FROM settled)
           SELECT id, move_id FROM counted
            WHERE so_far < %(missing)s;
           CREATE TEMP TABLE freed ON COMMIT DROP AS
           SELECT DISTINCT partial.debit_move_id AS id
             FROM account_partial_reconcile partial
             JOIN account_move_line credit ON credit.id = partial.credit_move_id
             JOIN gone ON gone.move_id = credit.move_id;
           UPDATE account_move_line SET full_reconcile_id = NULL
            WHERE id IN (SELECT id FROM freed);
           DELETE FROM account_partial_reconcile partial
            USING account_move_line credit, gone
            WHERE credit.id = partial.credit_move_id AND credit.move_id = gone.move_id;
           UPDATE account_move_line item
              SET amount_residual = item.balance - COALESCE(paid.amount, 0),
                  amount_residual_currency
                  = item.amount_currency - COALESCE(paid.in_currency, 0),
                  reconciled = FALSE
             FROM freed
        LEFT JOIN LATERAL (
               SELECT SUM(amount) AS amount,
                      SUM(debit_amount_currency) AS in_currency
                 FROM account_partial_reconcile WHERE debit_move_id = freed.id
             ) paid ON TRUE
            WHERE item.id = freed.id;
           UPDATE account_move SET payment_state = 'not_paid'
            WHERE id IN (SELECT move_id FROM account_move_line
                          WHERE id IN (SELECT id FROM freed));
           DELETE FROM account_payment WHERE id IN (SELECT id FROM gone);
           DELETE FROM account_move WHERE id IN (SELECT move_id FROM gone);
           UPDATE res_partner SET email = 'c' || id || '@example.com',
                  email_normalized = 'c' || id || '@example.com'
            WHERE customer_rank > 0;
           ANALYZE account_move_line; ANALYZE account_partial_reconcile""",
        {"missing": missing},
    )
    env.invalidate_all()
    return count_overdue(env)


def count_overdue(env):
    env.cr.execute(
        """SELECT COUNT(*) FROM account_move_line line
             JOIN account_account account
               ON account.id = line.account_id
              AND account.account_type = 'asset_receivable'
            WHERE line.parent_state = 'posted' AND NOT line.reconciled
              AND line.amount_residual > 0 AND line.date_maturity < CURRENT_DATE"""
    )
    return env.cr.fetchone()[0]


def switch_on(env):
    env.company.sudo().write(
        {
            "ar_ledger_active": True,
            "ar_dunning_active": True,
            "ar_dunning_start_date": False,
            "ar_dunning_scenario_id": env.ref(SCENARIO).id,
            "email": "books@example.com",
        }
    )
    env.flush_all()


def suite(env):
    switch_on(env)
    before = kilobytes("VmRSS")
    first = night(env)
    megabytes = (kilobytes("VmHWM") - before) * KILOBYTE / 1_000_000
    return {
        "first night": {**first, "megabytes": megabytes},
        "rebuild": rebuild(env),
        "messages": messages(env),
        "ordinary night": ordinary_night(env),
    }


def night(env):
    """Do the dunning stage of a night, batch by batch, each committed, as the run does.

    :return: seconds of each part, reminders, batches, and the queries of one batch
    """
    env["ar.run"].sudo().search([]).unlink()
    run = env["ar.run"].sudo()._ensure_runs(env.company)
    run = run.filtered(lambda each: each.stage == "dunning")
    reminders = env["ar.dunning.reminder"].sudo()
    parts, queries = {}, []
    with timed(reminders, "_plan", parts), timed(reminders, "_prepare", parts):
        began = time.perf_counter()
        while True:
            before = env.cr.sql_log_count
            remaining = reminders._run_night_batch(run)
            env.cr.commit()
            env.invalidate_all()
            queries.append(env.cr.sql_log_count - before)
            if not remaining:
                break
        whole = time.perf_counter() - began
    return {
        "seconds": whole,
        "plan": whole - parts.get("_prepare", 0.0),
        "prepare": parts.get("_prepare", 0.0),
        "reminders": reminders.search_count([]),
        "items": env["ar.dunning.item"].sudo().search_count([]),
        # The first two read the books and the clocks too, the last one is smaller.
        "queries": queries[2:-1] or queries,
    }


@contextmanager
def timed(records, name, parts):
    """Add up in ``parts`` the seconds that a method takes while the block runs."""
    model_class = type(records)
    method = getattr(model_class, name)

    def measured(self, *args, **kwargs):
        began = time.perf_counter()
        try:
            return method(self, *args, **kwargs)
        finally:
            parts[name] = parts.get(name, 0.0) + time.perf_counter() - began

    setattr(model_class, name, measured)
    try:
        yield
    finally:
        delattr(model_class, name)


def rebuild(env):
    """Whether the table of items comes back the same when it is emptied."""
    items = env["ar.dunning.item"].sudo()
    before = checksum(env)
    _result, taken = measure(env, lambda: items._rebuild(env.company))
    return {"seconds": taken["seconds"], "same": checksum(env) == before}


def checksum(env):
    env.flush_all()
    env.cr.execute(
        SQL(
            "SELECT md5(string_agg(row::text, '|' ORDER BY line_id))"
            "  FROM (SELECT %s FROM ar_dunning_item) row",
            SQL(CHECKED),
        )
    )
    return env.cr.fetchone()[0]


def messages(env):
    """Messages a second: ours prepared and queued, core's batch of the same texts."""
    reminders = env["ar.dunning.reminder"].sudo()
    ours = reminders.search([("channel", "=", "email")], order="id", limit=MESSAGES)
    template = ours.step_id.template_id[:1]
    ours.outbox_ids._by_code().unlink()
    ours.write({"subject": False, "body": False, "state": "draft"})
    env.flush_all()
    _result, prepared = measure(env, ours._prepare)
    _result, batch = measure(env, lambda: core_batch(env, template, ours))
    return {
        "count": len(ours),
        "ours": len(ours) / prepared["seconds"],
        "core": len(ours) / batch["seconds"],
    }


def core_batch(env, template, records):
    """Core's composer for many records, which queues a mail each."""
    env["mail.compose.message"].create(
        {
            "template_id": template.id,
            "composition_mode": "mass_mail",
            "model": records._name,
            "res_ids": records.ids,
            "auto_delete": False,
        }
    )._action_send_mail()


def ordinary_night(env):
    """A night on which few items are due or changed: all others were asked today."""
    env.cr.execute(
        SQL(
            """UPDATE ar_dunning_reminder SET state = 'sent', sent_on = %(now)s;
               UPDATE ar_dunning_reminder_line SET state = 'done', done_on = %(today)s;
               UPDATE ar_dunning_reminder_line SET done_on = %(today)s - 30
                WHERE id %% 100 < %(percent)s;
               UPDATE ar_dunning_item SET is_changed = TRUE""",
            now=Datetime.now(),
            today=env.company._ar_today(),
            percent=round(CHANGED_SHARE * 100),
        )
    )
    env.invalidate_all()
    items = env["ar.dunning.item"].sudo()
    items._refresh(env.company)
    env.flush_all()
    reminders = env["ar.dunning.reminder"].sudo()
    before = reminders.search_count([])
    facts = night(env)
    return {**facts, "reminders": facts["reminders"] - before}


def oca(env):
    """OCA's run over the same ledger: lines, then their messages, nothing sent."""
    policy = env["credit.control.policy"].create(
        {
            "name": "Benchmark",
            "level_ids": [
                (
                    0,
                    0,
                    {
                        "name": "First",
                        "level": 1,
                        "computation_mode": "net_days",
                        "delay_days": 5,
                        "channel": "email",
                        "email_template_id": env.ref(
                            "account_credit_control.email_template_credit_control_base"
                        ).id,
                        "custom_text": "Please pay.",
                        "custom_mail_text": "Please pay.",
                    },
                )
            ],
            "account_ids": [
                (4, account_id)
                for account_id in env["account.account"]
                .search([("account_type", "=", "asset_receivable")])
                .ids
            ],
        }
    )
    env.company.credit_policy_id = policy
    run = env["credit.control.run"].create(
        {"date": env.cr.now().date(), "policy_ids": [(6, 0, policy.ids)]}
    )
    env.flush_all()
    began = time.perf_counter()
    run.generate_credit_lines()
    env.flush_all()
    lines = time.perf_counter() - began
    run.set_to_ready_lines()
    run.run_channel_action()
    env.flush_all()
    return {
        "first night": {
            "seconds": time.perf_counter() - began,
            "lines": lines,
            "items": len(run.line_ids),
        }
    }


VARIANTS = {"suite": suite, "oca": oca}

if __name__ == "__main__":
    main(*session.arguments())
