"""What the steps of the build share."""

from odoo.tools import SQL

from ..tools import plan

#: Building must neither mail nor keep a chatter of 18 months in one minute.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}
#: What the history fills.
GROWING_TABLES = (
    "account_move",
    "account_move_line",
    "account_payment",
    "account_partial_reconcile",
    "account_full_reconcile",
    "sale_order",
    "sale_order_line",
    "sale_order_line_invoice_rel",
    "stock_move",
    "stock_move_line",
    "stock_picking",
    "res_partner",
)


class Demo:
    """The records built so far, by the keys the tables and the plan use."""

    def __init__(self, env):
        self.env = env(context={**env.context, **QUIET})
        self.companies = {}  # "eu", "us" -> res.company
        self.terms = {}  # "net30" -> account.payment.term
        self.products = {}  # "CLN-010" -> product.product
        self.customers = {}  # "garage_perrin" -> res.partner
        self.users = {}  # login -> res.users
        self.invoices = []  # (plan.Invoice, account.move)

    def start_history(self):
        """Fix the last day of the history: one that has come in both companies."""
        self.today = min(company._ar_today() for company in self.companies.values())
        self.plan = plan.make_plan(self.today)

    def model(self, name, company="eu"):
        """The model as the superuser sees it while working in a company."""
        chosen = self.companies[company]
        return self.env[name].with_context(
            allowed_company_ids=[
                chosen.id,
                *(c.id for c in self.companies.values() if c != chosen),
            ]
        )

    def count_rows(self):
        """Tell the planner what this transaction has written so far.

        The whole history is one transaction, whose rows autovacuum does not see: with
        the statistics of empty tables, core's queries on payments take minutes.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL("ANALYZE %s", SQL(", ").join(map(SQL.identifier, GROWING_TABLES)))
        )

    def currency(self, code):
        return self.env.ref(f"base.{code}")

    def country(self, code):
        return self.env.ref("base.uk" if code == "GB" else f"base.{code.lower()}")

    def state(self, code):
        """A state of the United States, by its code."""
        return self.env["res.country.state"].search(
            [("country_id", "=", self.country("US").id), ("code", "=", code)]
        )
