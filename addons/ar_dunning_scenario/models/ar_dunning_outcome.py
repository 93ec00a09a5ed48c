from odoo import api, fields, models
from odoo.tools import SQL

#: Decisions after which an item is left alone for good.
FINAL = ("doubtful", "write_off")
#: Decisions that hold until a date: then the next one is due.
UNTIL = ("plan", "dispute", "extension")


class ArDunningOutcome(models.Model):
    """A decision: what becomes of an item at the end of the amicable phase."""

    _name = "ar.dunning.outcome"
    _description = "Decision After the Amicable Phase"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "number"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(string="Open", readonly=True, aggregator=None)
    outcome = fields.Selection(
        [
            ("plan", "Payment plan"),
            ("dispute", "Dispute"),
            ("extension", "Extension"),
            ("formal", "Formal notice"),
            ("doubtful", "Doubtful"),
            ("write_off", "Write off"),
        ],
        string="Decision",
        required=True,
        readonly=True,
        help="Payment plan, dispute: nobody is asked until the date, by which it has "
        "to be set up. Extension: the steps go on until the date. Formal notice: the "
        "steps go on to their end. Doubtful, write off: nobody is asked any more.",
    )
    date = fields.Date(required=True, readonly=True)
    date_until = fields.Date(
        string="Holds Until", readonly=True, help="Then it is decided again."
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)

    @api.model
    def _get_by_hand_text(self):
        return self.env._("What becomes of an item is decided with the wizard.")

    @api.model
    def _decide(self, items, outcome, reason, *, date_until=None):
        """Decide about items. No access check: who calls has decided that the user may.

        :param items: ar.dunning.item
        :param str outcome: a key of :attr:`outcome`
        :param date date_until: last day on which it holds, for :data:`UNTIL`
        :return: the decisions
        """
        todays = self.env["res.company"]._ar_todays()
        outcomes = self._by_code().create(
            [
                {
                    "company_id": item.company_id.id,
                    "commercial_partner_id": item.commercial_partner_id.id,
                    "line_id": item.line_id.id,
                    "number": item.move_id.name,
                    "due_date": item.due_date,
                    "currency_id": item.currency_id.id,
                    "amount": item.amount_residual_currency,
                    "outcome": outcome,
                    "date": todays[item.company_id.id],
                    "date_until": date_until if outcome in UNTIL else False,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for item in items.sudo()
            ]
        )
        outcomes._log()
        items.sudo()._tick()
        return outcomes.with_env(self.env)

    def _log(self):
        labels = dict(self._fields["outcome"]._description_selection(self.env))
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
                    "partner": decision.commercial_partner_id,
                    "company": decision.company_id,
                    "text": f"{decision.number}: {labels[decision.outcome]}. "
                    f"{decision.reason}",
                    "figures": {
                        "amount": decision.amount,
                        "currency": decision.currency_id.name,
                        "until": fields.Date.to_string(decision.date_until),
                    },
                    "source": decision,
                }
                for decision in self
            ]
        )

    @api.model
    def _get_last(self, line_ids):
        """Return {journal item id: its last decision}."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (line_id) line_id, id FROM ar_dunning_outcome
                    WHERE line_id = ANY(%s) ORDER BY line_id, id DESC""",
                list(line_ids),
            )
        )
        decisions = self.browse([decision_id for _line_id, decision_id in rows])
        decisions.fetch()
        return dict(zip([line_id for line_id, _id in rows], decisions, strict=True))
