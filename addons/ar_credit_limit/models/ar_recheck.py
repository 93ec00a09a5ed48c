from odoo import api, fields, models
from odoo.tools import SQL

from .ar_credit_hold import STANDING_STATES

#: Customers that one round looks at before it commits.
BATCH = 200


class ArRecheck(models.Model):
    """Customers whose holds are to be looked at again, since something changed.

    A queue without unique key on purpose: with one, two payments of the same customer
    at the same moment would wait for each other, and one of them would fail. Nor is a
    row that waits already a reason to add none: the job may be about to take it out,
    without seeing what this transaction changes.
    """

    _name = "ar.recheck"
    _description = "Customers to Recheck"
    _log_access = False

    commercial_partner_id = fields.Many2one(
        "res.partner", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")

    @api.model
    def _add(self, partner_ids, company):
        """Have the holds of customers rechecked soon.

        :param partner_ids: ids of commercial partners
        :param company: res.company; its root is meant. Nothing happens where the
            credit check is off
        """
        root = company.root_id
        if not partner_ids or not root._has_credit_check():
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_recheck (commercial_partner_id, company_id)
                   SELECT DISTINCT partner_id, %(company)s
                     FROM unnest(%(partners)s) AS changed(partner_id)""",
                company=root.id,
                partners=list(partner_ids),
            )
        )
        self.env.ref("ar_credit_limit.ir_cron_recheck").sudo()._trigger()

    @api.model
    def _add_held(self, company):
        """As :meth:`_add` for all customers of held orders of a company."""
        root = company.root_id
        if not root._has_credit_check():
            return
        self.env["ar.credit.hold"].flush_model(
            ["commercial_partner_id", "company_id", "scope", "state"]
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_recheck (commercial_partner_id, company_id)
                   SELECT DISTINCT commercial_partner_id, company_id
                     FROM ar_credit_hold
                    WHERE company_id = %s AND scope = 'order' AND state = ANY(%s)""",
                root.id,
                list(STANDING_STATES),
            )
        )
        if self.env.cr.rowcount:
            self.env.ref("ar_credit_limit.ir_cron_recheck").sudo()._trigger()

    @api.model
    def _is_awaited(self, company):
        """Return whether anything in this company waits for its reasons to go, so that
        what lessens an exposure often asks nothing while nobody waits. Hook; no query.

        :param company: res.company; its root is meant
        """
        return self.env["ar.credit.hold"]._has_held_orders(company.root_id.id)

    @api.model
    def _add_lines(self, lines):
        """As :meth:`_add` for the customers of receivable journal items."""
        receivable = lines.filtered(
            lambda line: (
                line.company_id._has_credit_check()
                and line.account_id.account_type == "asset_receivable"
            )
        )
        for company, of_company in receivable.grouped(
            lambda line: line.company_id.root_id
        ).items():
            self._add(of_company.partner_id.commercial_partner_id.ids, company)

    @api.model
    def _cron_recheck(self):
        """Recheck all waiting customers, committing after each round."""
        while waiting := self.search([], limit=BATCH, order="id").try_lock_for_update():
            self._process(waiting)
            remaining = self.search_count([])
            if not self.env["ir.cron"]._commit_progress(
                len(waiting), remaining=remaining
            ):
                break

    @api.model
    def _process(self, waiting):
        """Recheck customers and take them out of the queue."""
        by_company = {
            company: rows.commercial_partner_id
            for company, rows in waiting.grouped("company_id").items()
        }
        waiting.unlink()
        for company, customers in by_company.items():
            if company._has_credit_check():
                self._recheck(company, customers)

    @api.model
    def _recheck(self, company, partners):
        """Re-evaluate what holds these customers. Hook: floors above do their part
        first, then call super.

        :param company: res.company, a root
        :param partners: res.partner, commercial partners
        """
        self.env["ar.credit.hold"]._recheck(company, partners)
