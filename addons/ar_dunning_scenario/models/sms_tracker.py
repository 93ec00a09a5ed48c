from odoo import fields, models

from ..channels import Problem


class SmsTracker(models.Model):
    """Delivery reports of providers reach the outbox by the trackers of core."""

    _inherit = "sms.tracker"

    ar_dunning_message_id = fields.Many2one(
        "ar.dunning.message", ondelete="cascade", index="btree_not_null"
    )

    def _action_update_from_provider_error(self, provider_error):
        result = super()._action_update_from_provider_error(provider_error)
        reason = result[2] or provider_error
        self._tell_ar_dunning_failure(reason)
        return result

    def _action_update_from_sms_state(
        self, sms_state, failure_type=False, failure_reason=False
    ):
        result = super()._action_update_from_sms_state(
            sms_state, failure_type=failure_type, failure_reason=failure_reason
        )
        if sms_state == "sent":
            self.sudo().ar_dunning_message_id._on_delivered()
        elif sms_state == "error":
            self._tell_ar_dunning_failure(failure_reason or failure_type)
        return result

    def _tell_ar_dunning_failure(self, reason):
        text = self.env._("The SMS was not delivered: %(reason)s", reason=reason)
        messages = self.sudo().ar_dunning_message_id
        messages._on_came_back(Problem("provider", text))
