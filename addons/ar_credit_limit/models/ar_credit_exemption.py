from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .ar_credit_hold import GROUP_MANAGER


class ArCreditExemption(models.Model):
    """A customer, or one order, that no credit check holds from a day until a day.

    What a person stops by hand stays stopped: an exemption answers checks, not people.
    It is ended by hand or by the night, and never changed otherwise.
    """

    _name = "ar.credit.exemption"
    _description = "Exemption from Credit Checks"
    _inherit = ["ar.record"]
    _order = "id desc"

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company: the exemption holds for its branches, too.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scope = fields.Selection(
        [("order", "This order"), ("customer", "All orders of the customer")],
        required=True,
        readonly=True,
    )
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_until = fields.Date(
        string="Until", required=True, readonly=True, help="The last day."
    )
    ceiling = fields.Monetary(
        string="Up To",
        readonly=True,
        aggregator=None,
        help="In the company's currency; zero: without bound. Of an order: its amount. "
        "Of a customer: what is owed and ordered, the new order included. Above it, "
        "orders are checked as if there were no exemption.",
    )
    reason = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [("granted", "Granted"), ("expired", "Expired"), ("ended", "Ended by Hand")],
        required=True,
        readonly=True,
        default="granted",
        help="Granted: in force from its first to its last day.\n"
        "Expired: its last day has passed.\n"
        "Ended by hand: a credit manager took it back.",
    )
    decided_by_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    decided_on = fields.Datetime(required=True, readonly=True)
    ended_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    ended_on = fields.Datetime(readonly=True)
    end_reason = fields.Char(readonly=True)

    _in_force_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE state = 'granted'"
    )
    _ceiling_not_negative = models.Constraint(
        "CHECK (ceiling >= 0)", "The ceiling of an exemption cannot be negative."
    )

    @api.depends("commercial_partner_id", "order_id", "date_until")
    def _compute_display_name(self):
        for exemption in self:
            what = exemption.sudo().order_id or exemption.commercial_partner_id
            exemption.display_name = self.env._(
                "%(what)s until %(day)s",
                what=what.display_name,
                day=exemption.date_until,
            )

    @api.constrains("date_from", "date_until")
    def _check_dates(self):
        for exemption in self:
            if exemption.date_until < exemption.date_from:
                raise ValidationError(
                    self.env._("An exemption cannot end before it begins.")
                )

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "An exemption is a decision on record: grant one on the customer "
            "or the order, or end it with its button."
        )

    def action_end(self):
        """Ask why it ends now."""
        self._check_may_decide(self.company_id)
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("End Exemption"),
            "res_model": "ar.credit.exemption.end",
            "view_mode": "form",
            "target": "new",
            "context": {"default_exemption_ids": self.ids},
        }

    @api.model
    def _check_may_decide(self, companies):
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers exempt customers from credit checks.")
            )
        own_companies = self.env.user.company_ids.root_id
        if not self.env.su and companies.root_id - own_companies:
            raise AccessError(
                self.env._("You decide only in the companies that you work in.")
            )

    @api.model
    @api.private
    def _grant(
        self,
        partner,
        company,
        reason,
        date_until,
        date_from=None,
        ceiling=0.0,
        order=None,
    ):
        """Exempt a customer, or one order, from credit checks.

        :param partner: res.partner, any contact of the customer
        :param company: res.company; its root is meant
        :param str reason: why, for the record
        :param date date_until: the last day
        :param date date_from: the first day; none: today
        :param float ceiling: see :attr:`ceiling`; zero: without bound
        :param order: sale.order, where only this one is exempt
        :return: the exemption
        :raise AccessError: the user is no credit manager, or not in this company
        :raise UserError: no reason, an absurd date or amount, beyond the authority, or
            it lets go what the user requested the release of
        """
        company = company.root_id
        customer = partner.commercial_partner_id
        self._check_may_decide(company)
        self._check_grant(customer, company, reason, date_until, ceiling, order)
        self.env["ar.credit.hold"]._check_requested_by_others(customer, company, order)
        self.env["ar.credit.account"].sudo()._serialize(customer, company)
        exemption = self._by_code().create(
            self._prepare_grant(
                customer,
                company,
                order,
                date_from=date_from or company._ar_today(),
                date_until=date_until,
                ceiling=ceiling or 0.0,
                reason=reason.strip(),
            )
        )
        exemption = exemption.with_env(self.env)
        exemption._log(self.env._("Exempt: %(reason)s", reason=reason))
        self.env["ar.recheck"]._add(customer.ids, company)
        return exemption

    @api.model
    def _prepare_grant(self, customer, company, order, **terms):
        return {
            "commercial_partner_id": customer.id,
            "company_id": company.id,
            "scope": "order" if order else "customer",
            "order_id": order.id if order else False,
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
            **terms,
        }

    @api.model
    def _check_grant(self, customer, company, reason, date_until, ceiling, order):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))
        if not date_until or date_until < company._ar_today():
            raise UserError(self.env._("The exemption would have run out already."))
        if not customer.active:
            raise UserError(
                self.env._(
                    "%(customer)s is archived: nothing of theirs is checked or held.",
                    customer=customer.display_name,
                )
            )
        self.env["ar.credit.limit"]._check_ceiling(ceiling or None)
        amount = ceiling or float("inf")
        authorities = self.env["ar.credit.authority"]
        if refusal := authorities._get_refusal(
            company,
            {"order": amount, "excess": amount},
            subject=authorities._get_subject(customer, company, order),
        ):
            raise UserError(refusal)

    @api.private
    def _end(self, reason):
        """End exemptions before their last day.

        :param str reason: why, for the record
        """
        self._check_may_decide(self.company_id)
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))
        if over := self.filtered(lambda exemption: exemption.state != "granted"):
            raise UserError(
                self.env._(
                    "%(exemptions)s: not in force any more.",
                    exemptions=", ".join(over.mapped("display_name")),
                )
            )
        self._write_end("ended", reason)
        self._log(self.env._("Exemption ended: %(reason)s", reason=reason))
        for company, exemptions in self.sudo().grouped("company_id").items():
            self.env["ar.recheck"]._add(exemptions.commercial_partner_id.ids, company)

    def _reaches(self, owed):
        """Return whether what a customer owes is within the ceiling.

        :param float owed: in the company's currency
        """
        self.ensure_one()
        return not self.ceiling or (
            self.currency_id.compare_amounts(owed, self.ceiling) <= 0
        )

    def _write_end(self, state, reason):
        self._by_code().write(
            {
                "state": state,
                "ended_on": fields.Datetime.now(),
                "ended_by_id": self.env.uid,
                "end_reason": reason,
            }
        )

    def _move_to(self, customer):
        """Go on at the customer that the exempt one belongs to now: of single orders
        only. A whole customer was exempt for what it was, so that one ends."""
        of_orders = self.filtered(lambda exemption: exemption.scope == "order")
        whole = self - of_orders
        text = self.env._(
            "The customer belongs to %(customer)s now", customer=customer.display_name
        )
        whole._write_end("ended", text)
        self._log(text)
        of_orders._by_code().write({"commercial_partner_id": customer.id})

    def _log(self, text):
        """Put on record what becomes of exemptions, with the figures of now."""
        events = []
        for company, exemptions in self.sudo().grouped("company_id").items():
            moments = exemptions.commercial_partner_id._get_moment_figures(company)
            events += [
                {
                    "kind": "credit_exemption",
                    "partner": exemption.commercial_partner_id,
                    "company": company,
                    "text": f"{exemption.display_name}: {text}",
                    "figures": {
                        **moments[exemption.commercial_partner_id.id],
                        "ceiling": exemption.ceiling,
                        "from": fields.Date.to_string(exemption.date_from),
                        "until": fields.Date.to_string(exemption.date_until),
                    },
                    "source": exemption,
                }
                for exemption in exemptions
            ]
        self.env["ar.event"]._log_many(events)

    @api.model
    def _get_in_force_domain(self, company):
        today = company.root_id._ar_today()
        return Domain(
            [
                ("company_id", "=", company.root_id.id),
                ("state", "=", "granted"),
                ("date_from", "<=", today),
                ("date_until", ">=", today),
            ]
        )

    @api.model
    def _get_exemptions(self, customers, company):
        """Return {commercial partner id: exemption} of customers that are exempt as a
        whole today, in one query; of several, the one that goes furthest.

        :param customers: res.partner, commercial partners
        :param company: res.company; its root is meant
        """
        in_force = self.sudo().search(
            self._get_in_force_domain(company)
            & Domain("scope", "=", "customer")
            & Domain("commercial_partner_id", "in", customers.ids)
        )
        nearest_first = in_force.sorted(lambda e: e.ceiling or float("inf"))
        return {
            exemption.commercial_partner_id.id: exemption for exemption in nearest_first
        }

    @api.model
    def _run_out(self, company):
        """Do what the night does: note what expired, and have the orders looked at
        again that an exemption lets pass from today on.

        :return: the number of expired exemptions
        """
        today = company._ar_today()
        granted = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "granted"),
                "|",
                ("date_until", "<", today),
                ("date_from", "=", today),
            ]
        )
        expired = granted.filtered(lambda exemption: exemption.date_until < today)
        expired._write_end("expired", self.env._("Its last day has passed"))
        expired._log(self.env._("The exemption has run out"))
        beginning = granted - expired
        self.env["ar.recheck"]._add(beginning.commercial_partner_id.ids, company)
        return len(expired)
