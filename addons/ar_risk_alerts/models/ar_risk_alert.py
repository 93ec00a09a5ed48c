from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.ar_credit_limit.models.ar_credit_hold import STANDING_STATES
from odoo.addons.ar_credit_limit.tools.violation import Violation

from .ar_risk_rule import ACTIONS, SEVERITIES

#: What people write themselves; all else is measured or decided.
OPEN_FIELDS = frozenset(("user_id",))
GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"
GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"

#: Which hold an act places.
SCOPES = {"stop_deliveries": "customer_deliveries", "hold_orders": "customer_orders"}


class ArRiskAlert(models.Model):
    """A rule found a customer: what was measured then, and what was done about it.

    One is open per rule, customer and company; it closes when the cause is gone.
    """

    _name = "ar.risk.alert"
    _description = "Risk Alert"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state desc, severity desc, opened_on desc, id desc"

    rule_id = fields.Many2one(
        "ar.risk.rule", required=True, readonly=True, ondelete="restrict", index=True
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company: risk is judged with all its branches.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    severity = fields.Selection(
        SEVERITIES, required=True, readonly=True, group_expand=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        tracking=True,
        index="btree_not_null",
        ondelete="set null",
    )
    measure = fields.Float(
        readonly=True,
        aggregator=None,
        help="The figure that went over the threshold, in the unit of the rule.",
    )
    amount = fields.Monetary(
        readonly=True, help="What the rule measured when the alert opened."
    )
    sentence = fields.Char(string="Why", compute="_compute_sentence")
    days_overdue = fields.Integer(
        readonly=True, aggregator="max", help="Of the oldest item, at opening."
    )
    oldest_due_date = fields.Date(readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        required=True,
        readonly=True,
        default="open",
        tracking=True,
    )
    opened_on = fields.Date(required=True, readonly=True)
    closed_on = fields.Date(readonly=True)
    close_reason = fields.Selection(
        [
            ("resolved", "Cause gone"),
            ("manual", "Closed by hand"),
            ("merged", "Customers merged"),
            ("rule_off", "Rule archived"),
            ("switched_off", "Risk alerts switched off"),
        ],
        string="Closed Because",
        readonly=True,
        tracking=True,
    )
    close_note = fields.Char(string="Note", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    quiet_until = fields.Date(
        readonly=True, help="The rule opens no new alert for this customer until then."
    )
    snoozed_until = fields.Date(
        readonly=True,
        help="Out of sight until then. What the alert stopped stays stopped.",
    )
    is_snoozed = fields.Boolean(
        compute="_compute_is_snoozed", search="_search_is_snoozed"
    )
    action = fields.Selection(ACTIONS, required=True, readonly=True, default="none")
    acted_on = fields.Datetime(readonly=True)
    hold_state = fields.Selection(
        selection=lambda self: self.env["ar.credit.hold"]._fields["state"].selection,
        string="Hold",
        compute="_compute_hold_state",
        help="What became of the hold that this alert placed.",
    )

    # Odoo's merge of customers would fail on this index: the merge wizard is extended
    # and closes alerts that would collide.
    _one_open = models.UniqueIndex(
        "(rule_id, commercial_partner_id, company_id) WHERE state = 'open'",
        "This rule has an open alert for the customer already.",
    )
    _open_customer_idx = models.Index(
        "(commercial_partner_id, company_id) WHERE state = 'open'"
    )
    _quiet_idx = models.Index(
        "(rule_id, company_id, commercial_partner_id, quiet_until)"
        " WHERE quiet_until IS NOT NULL"
    )

    @api.depends("rule_id", "commercial_partner_id")
    def _compute_display_name(self):
        for alert in self:
            alert.display_name = self.env._(
                "%(customer)s: %(rule)s",
                customer=alert.commercial_partner_id.display_name,
                rule=alert.rule_id.name,
            )

    @api.depends("rule_id", "measure", "amount", "days_overdue", "oldest_due_date")
    def _compute_sentence(self):
        for alert in self:
            alert.sentence = alert.rule_id.sudo()._get_sentence(alert)

    @api.depends("snoozed_until", "company_id")
    def _compute_is_snoozed(self):
        todays = self.env["res.company"]._ar_todays()
        for alert in self:
            until = alert.snoozed_until
            alert.is_snoozed = bool(until) and until >= todays[alert.company_id.id]

    def _search_is_snoozed(self, operator, value):
        if operator != "in":
            return NotImplemented
        snoozed = Domain.OR(
            Domain("company_id", "=", company_id) & Domain("snoozed_until", ">=", today)
            for company_id, today in self.env["res.company"]._ar_todays().items()
        )
        return Domain.OR(snoozed if wanted else ~snoozed for wanted in value)

    @api.depends("acted_on", "state")
    def _compute_hold_state(self):
        holds = self._get_holds()
        for alert in self:
            own = holds.get(alert.id)
            alert.hold_state = own[-1:].state if own else False

    def write(self, vals):
        if not self.env.su and vals.keys() & self._get_frozen_fields():
            raise AccessError(
                self.env._(
                    "An alert shows what was measured and decided: snooze or close it "
                    "with its buttons."
                )
            )
        return super().write(vals)

    @api.model
    def _get_frozen_fields(self):
        return {
            name
            for name, field in self._fields.items()
            if name not in OPEN_FIELDS
            and "ar_risk_alerts" in field._modules
            and field.store
        }

    def action_snooze(self):
        """Ask until when."""
        self._check_may_work()
        return self._open_wizard("ar.risk.alert.snooze", self.env._("Snooze"))

    def action_wake(self):
        self._check_may_work()
        self.sudo().snoozed_until = False

    def action_close(self):
        """Ask why; an alert whose cause is gone closes by itself."""
        self._check_may_close()
        return self._open_wizard("ar.risk.alert.close", self.env._("Close Alert"))

    def action_open_customer(self):
        self.ensure_one()
        return self.commercial_partner_id.get_formview_action()

    def action_open_items(self):
        """Drill down: the open items behind the figures."""
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_open_ar_items()

    def action_open_holds(self):
        """Show what the alert stopped and what became of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_credit_limit.ar_credit_hold_action"
        )
        action["domain"] = [
            ("source_model", "=", self._name),
            ("source_id", "=", self.id),
        ]
        action["context"] = {}
        return action

    def _open_wizard(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_alert_ids": self.ids},
        }

    def _check_may_work(self):
        self.check_access("read")
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors and credit managers snooze alerts.")
            )

    def _check_may_close(self):
        """Closing frees what the alert stopped: that is a credit manager's decision."""
        self.check_access("read")
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors and credit managers close alerts.")
            )
        stopping = self.filtered(lambda alert: alert._has_standing_acts())
        if stopping and not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._(
                    "%(alerts)s: closing would free what is stopped. Only credit "
                    "managers decide that.",
                    alerts=", ".join(stopping.mapped("display_name")),
                )
            )

    def _has_standing_acts(self):
        """Return whether something is stopped or changed that closing would free. Hook
        for further acts."""
        self.ensure_one()
        return self.hold_state in STANDING_STATES

    @api.private
    def _snooze(self, until):
        """Put open alerts out of sight until a day; the company's tomorrow or later."""
        self._check_may_work()
        for company, alerts in self.grouped("company_id").items():
            if until <= company._ar_today():
                raise UserError(
                    self.env._("Choose a day after today to snooze an alert until.")
                )
            alerts.sudo().snoozed_until = until
        self._log(self.env._("Snoozed until %(day)s", day=until))

    @api.private
    def _close_by_hand(self, note, quiet_until):
        """Close alerts although their cause may stand.

        :param str note: why
        :param date quiet_until: until then the rule does not open them again
        """
        self._check_may_close()
        if not (note or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))
        self.sudo()._close("manual", note=note, quiet_until=quiet_until)

    def _close(self, reason, note=None, quiet_until=None):
        """Close open alerts and undo what they did.

        :param str reason: a key of :attr:`close_reason`
        :param str note: in addition, by a person
        :param date quiet_until: last day without a new alert; none: by the rule's
            cool-down
        """
        closing = self.filtered(lambda alert: alert.state == "open")
        for company, alerts in closing.grouped("company_id").items():
            alerts._write_closed(company._ar_today(), reason, note, quiet_until)
        labels = dict(self._fields["close_reason"]._description_selection(self.env))
        closing._log(self.env._("Closed: %(reason)s", reason=note or labels[reason]))
        closing._undo()

    def _write_closed(self, today, reason, note, quiet_until):
        for rule, alerts in self.grouped("rule_id").items():
            cooldown = today + timedelta(days=rule.cooldown_days)
            alerts.sudo().write(
                {
                    "state": "closed",
                    "closed_on": today,
                    "closed_by_id": self.env.uid if reason == "manual" else False,
                    "close_reason": reason,
                    "close_note": note,
                    "quiet_until": quiet_until or (rule.cooldown_days and cooldown),
                    "snoozed_until": False,
                }
            )

    def _after_open(self):
        """The alerts were just opened. Hook for what is to happen then."""
        self._log(self.env._("Alert"))

    def _act(self):
        """Do what the rule asks for, where the company's credit check holds at all."""
        acting = self.filtered(
            lambda alert: alert.action in SCOPES and alert.company_id._holds_orders()
        )
        demands = [alert._prepare_hold() for alert in acting]
        if demands:
            self.env["ar.credit.hold"]._place_many(demands)
            acting.sudo().acted_on = fields.Datetime.now()

    def _prepare_hold(self):
        self.ensure_one()
        return {
            "partner": self.commercial_partner_id,
            "company": self.company_id,
            "scope": SCOPES[self.action],
            "violations": [self._get_violation()],
            "source": self,
        }

    def _get_violation(self):
        """Return the alert as the reason that banner, hold and transfer show."""
        self.ensure_one()
        return Violation(
            "risk_alert",
            self.sentence,
            self._get_figures(),
            self,
        )

    def _undo(self):
        """Free what the alerts stopped, unless a person decided on it meanwhile.

        A release that runs out some day is ended too: it would hold again, for a
        cause that is gone.
        """
        holds = self.env["ar.credit.hold"].sudo().union(*self._get_holds().values())
        holds.filtered(
            lambda hold: (
                hold.state in STANDING_STATES
                or (hold.state == "released" and hold.valid_until)
            )
        )._clear(self.env._("The alert is closed"))

    def _get_holds(self):
        """Return {alert id: the holds it placed, oldest first}, in one query."""
        holds = defaultdict(self.env["ar.credit.hold"].sudo().browse)
        for hold in holds.default_factory().search(
            [("source_model", "=", self._name), ("source_id", "in", self.ids)],
            order="id",
        ):
            holds[hold.source_id] |= hold
        return holds

    def _log(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "risk_alert",
                    "partner": alert.commercial_partner_id,
                    "company": alert.company_id,
                    "text": f"{alert.rule_id.name}: {text}",
                    "figures": alert._get_figures(),
                    "source": alert,
                }
                for alert in self.sudo()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "measure": self.measure,
            "amount": self.amount,
            "currency": self.currency_id.name,
            "days_overdue": self.days_overdue,
            "oldest_due_date": fields.Date.to_string(self.oldest_due_date),
        }
