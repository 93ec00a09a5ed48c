from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.priority import priority


class ArDunningReminder(models.Model):
    """What a collector finds in the morning: the most urgent first, and why it is
    there."""

    _inherit = "ar.dunning.reminder"

    priority = fields.Float(
        readonly=True,
        digits=(16, 0),
        aggregator="sum",
        help="Open amount in the company's currency × days overdue × weight of the "
        "customer's risk class, summed over the items, when the reminder was planned.",
    )
    todo = fields.Char(
        string="To Do",
        compute="_compute_todo",
        help="Why the reminder is in the list, and what somebody does about it.",
    )

    @api.depends("state", "channel", "failure")
    def _compute_todo(self):
        for reminder in self:
            reminder.todo = reminder._get_todo()

    def _get_todo(self):
        """Return what has to be done, or False."""
        self.ensure_one()
        texts = {
            "draft": self._get_draft_todo(),
            "ready": self._get_ready_todo(),
            "failed": self.failure or self.env._("Failed"),
            "uncertain": self.env._("Find out whether it arrived"),
        }
        return texts.get(self.state, False)

    def _get_draft_todo(self):
        if self.channel == "call":
            return self.env._("Call the customer")
        return self.env._("Read and confirm")

    def _get_ready_todo(self):
        if self.waiting_reason:
            return self.waiting_reason
        if self.channel in ("letter", "registered"):
            return self.env._("Print and post")
        return self.env._("Leaves by itself")

    @api.model
    def _get_priority(self, rows, weight):
        """Return the priority of what is due for a customer.

        :param list rows: :class:`Due` items that become one reminder
        """
        return priority([(r.amount_company, r.days_overdue) for r in rows], weight)

    @api.model
    def _get_weights(self, company, partner_ids):
        """Return {customer id: weight of the risk class} of those who have one."""
        self.env["ar.risk.class"].flush_model(["ar_dunning_weight"])
        rows = self.env.execute_query(
            SQL(
                """SELECT customer.id, class.ar_dunning_weight
                     FROM res_partner customer
                     JOIN ar_risk_class class
                       ON class.id = (customer.ar_root_risk_class_id ->> %s)::int
                    WHERE customer.id = ANY(%s)""",
                str(company.id),
                list(partner_ids),
            )
        )
        return dict(rows)
