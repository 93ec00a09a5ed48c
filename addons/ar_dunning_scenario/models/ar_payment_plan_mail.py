from odoo import fields, models
from odoo.exceptions import UserError

LAYOUT = "ar_dunning_scenario.mail_layout_payment_plan"


class ArPaymentPlan(models.Model):
    """The plan in writing: what was said on the phone is remembered differently."""

    _inherit = "ar.payment.plan"

    sent_on = fields.Datetime(
        readonly=True, help="When the plan was last sent to the customer."
    )

    def action_send(self):
        """Open Odoo's composer; the table of instalments is added below the text."""
        self.ensure_one()
        self.env["ar.promise"]._check_collector()
        if self.state != "open":
            raise UserError(
                self.env._("Only a plan that was agreed to, and still runs, is sent.")
            )
        template = self.env.ref("ar_dunning_scenario.mail_template_payment_plan")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the Payment Plan"),
            "res_model": "mail.compose.message",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id,
                "default_composition_mode": "comment",
                "default_email_layout_xmlid": LAYOUT,
                "force_email": True,
            },
        }

    def _message_post_after_hook(self, message, msg_vals):
        if msg_vals.get("email_layout_xmlid") == LAYOUT:
            self._by_code().sent_on = fields.Datetime.now()
        return super()._message_post_after_hook(message, msg_vals)
