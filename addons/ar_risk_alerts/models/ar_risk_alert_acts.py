"""What alerts do beside holds, and how it ends with them."""

from odoo import fields, models


class ArRiskAlert(models.Model):
    _inherit = "ar.risk.alert"

    act_ids = fields.One2many(
        "ar.risk.act", "alert_id", string="Changed on the Customer", readonly=True
    )

    def _act(self):
        """Changes of the customer and activities; what holds is placed by super."""
        for alert in self.filtered(lambda each: each._can_act()):
            alert._act_once()
        return super(ArRiskAlert, self.filtered(lambda a: not a.acted_on))._act()

    def _can_act(self):
        """Return whether the floor that owns the act is switched on."""
        self.ensure_one()
        switches = {
            "terms": self.company_id._holds_orders,
            "scenario": lambda: self.company_id.ar_dunning_active,
            "activity": lambda: True,
        }
        return switches[self.action]() if self.action in switches else False

    def _act_once(self):
        rule, alert = self.rule_id.sudo(), self.sudo()
        if self.action == "activity":
            alert._schedule_activity()
        elif self.action == "terms":
            self.env["ar.risk.act"]._do(alert, "terms", rule.payment_term_id)
        else:
            self.env["ar.risk.act"]._do(alert, "scenario", rule.scenario_id)
        alert.acted_on = fields.Datetime.now()

    def _schedule_activity(self):
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=self.rule_id.name,
            note=self.sentence,
            user_id=self.user_id.id or self.env.uid,
            date_deadline=self.company_id._ar_today(),
        )

    def _has_standing_acts(self):
        changed = self.sudo().act_ids.filtered(lambda act: act.state == "standing")
        return bool(changed) or super()._has_standing_acts()

    def _undo(self):
        self.sudo().act_ids._undo()
        planned = self.filtered(lambda alert: alert.action == "activity").sudo()
        planned.activity_unlink(["mail.mail_activity_data_todo"])
        return super()._undo()
