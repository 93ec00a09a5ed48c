from odoo import models


class ArDunningItemDecide(models.TransientModel):
    _inherit = "ar.dunning.item.decide"

    def _get_next_action(self):
        """Open the dispute that was decided for, where disputes are on."""
        customer = self.item_ids.commercial_partner_id
        if self.outcome != "dispute" or len(customer) > 1:
            return super()._get_next_action()
        if not all(self.item_ids.company_id.mapped("ar_dispute_active")):
            return None
        return self.env["ar.dispute.open"]._launch(
            self.item_ids.sudo().line_id, description=self.reason
        )
