from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_date

GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"


class ArRiskOverride(models.Model):
    """A credit manager knows better than the score: this class, why and until when.

    The decision taken last counts. After its last day the score speaks again.
    """

    _name = "ar.risk.override"
    _description = "Risk Class by Decision"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "commercial_partner_id"

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    risk_class_id = fields.Many2one(
        "ar.risk.class", required=True, readonly=True, ondelete="restrict", index=True
    )
    reason = fields.Char(required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_until = fields.Date(
        string="Until", required=True, readonly=True, help="The last day."
    )
    decided_by_id = fields.Many2one("res.users", required=True, readonly=True)
    points = fields.Float(
        readonly=True,
        aggregator=None,
        help="What the score said as this was decided.",
    )
    is_running = fields.Boolean(
        string="In Force", compute="_compute_is_running", search="_search_is_running"
    )

    _running_idx = models.Index("(company_id, date_until)")

    @api.depends("date_until", "company_id")
    def _compute_is_running(self):
        todays = self.env["res.company"]._ar_todays()
        for override in self:
            today = todays[override.company_id.id]
            override.is_running = override.date_until >= today

    def _search_is_running(self, operator, value):
        if operator != "in":
            return NotImplemented
        running = Domain.OR(
            Domain("company_id", "=", company_id) & Domain("date_until", ">=", today)
            for company_id, today in self.env["res.company"]._ar_todays().items()
        )
        return Domain.OR(running if wanted else ~running for wanted in value)

    @api.model
    def _decide(self, customer, company, risk_class, reason, date_until):
        """Put a customer into a class whatever the score says.

        :param customer: res.partner, a commercial partner that the user may see
        :param company: res.company; its root is meant
        :param str reason: why
        :param date date_until: the last day
        :return: the decision
        :raise AccessError: the user is no credit manager
        :raise UserError: with what is missing
        """
        self._check_manager()
        company = company.root_id
        today = company._ar_today()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))
        if not date_until or date_until < today:
            raise UserError(self.env._("A decision lasts until today at least."))
        self._get_running(company, customer)._cut_short()
        override = self._by_code().create(
            {
                "commercial_partner_id": customer.id,
                "company_id": company.id,
                "risk_class_id": risk_class.id,
                "reason": reason,
                "date_from": today,
                "date_until": date_until,
                "decided_by_id": self.env.uid,
                "points": customer.with_company(company).sudo().ar_risk_points,
            }
        )
        override._log(
            self.env._(
                "%(class)s until %(date)s: %(reason)s",
                **{"class": risk_class.name},
                date=format_date(self.env, date_until),
                reason=reason,
            )
        )
        self.env["ar.risk.score"]._judge_again(company, customer)
        return override.with_env(self.env)

    def action_end(self):
        """End it today: the score speaks again."""
        self._check_manager()
        self.check_access("read")
        self._cut_short()
        for company, overrides in self.grouped("company_id").items():
            overrides._log(self.env._("The decision about the class was ended."))
            self.env["ar.risk.score"]._judge_again(
                company, overrides.commercial_partner_id
            )

    def _cut_short(self):
        """The day before today was the last one; for one of today, none was."""
        for override in self:
            today = override.company_id._ar_today()
            if override.date_until >= today:
                override._by_code().date_until = today - timedelta(days=1)

    def _check_manager(self):
        if not self.env.su and not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers decide on the class of a customer.")
            )

    @api.model
    def _get_running(self, company, customers=None):
        """Return the decisions in force in a root company, the oldest first."""
        domain = [
            ("company_id", "=", company.id),
            ("date_until", ">=", company._ar_today()),
        ]
        if customers is not None:
            domain += [("commercial_partner_id", "in", customers.ids)]
        return self.sudo().search(domain, order="id")

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "A decision about a class is on record: it is taken and ended with the "
            "buttons of the customer."
        )

    def _log(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "class",
                    "partner": override.commercial_partner_id,
                    "company": override.company_id,
                    "text": text,
                    "figures": {"points": override.points},
                    "source": override,
                }
                for override in self.sudo()
            ]
        )
