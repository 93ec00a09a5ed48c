"""Switch on what is measured: benchmark.prepare DATABASE VARIANT."""

from odoo.tools import SQL

from . import session

OCA_PARTS = ("risk_invoice_open", "risk_invoice_unpaid", "risk_sale_order")
MANAGER = "ar_ledger.ar_ledger_group_manager"


def main(database, variant):
    with session.environment(database) as env:
        VARIANTS[variant](env)
        env.cr.commit()
        session.report(done=True)


def suite(env):
    """The credit check holds orders; the limits on the customers become grants."""
    env.user.sudo().group_ids += env.ref(MANAGER)
    company = env.company.sudo()
    company.ar_ledger_active = True
    company.ar_credit_limit_mode = "hold"


def oca(env):
    """OCA counts the parts that the suite counts, against the same limits."""
    parts = SQL(", ").join(
        SQL("%s = TRUE", SQL.identifier(f"{part}_include")) for part in OCA_PARTS
    )
    env.cr.execute(SQL("UPDATE res_partner SET %s WHERE customer_rank > 0", parts))


VARIANTS = {"suite": suite, "oca": oca}

if __name__ == "__main__":
    main(*session.arguments())
