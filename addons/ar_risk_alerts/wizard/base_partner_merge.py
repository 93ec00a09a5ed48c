from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Of alerts that would be two of one rule for one customer, one stays open."""
        self._close_colliding_alerts(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    @api.model
    def _close_colliding_alerts(self, src_partners, dst_partner):
        alerts = (
            self.env["ar.risk.alert"]
            .sudo()
            .search(
                [
                    ("commercial_partner_id", "in", (src_partners | dst_partner).ids),
                    ("state", "=", "open"),
                ],
                order="id",
            )
        )
        for alike in alerts.grouped(lambda a: (a.rule_id, a.company_id)).values():
            of_destination = alike.filtered(
                lambda alert: alert.commercial_partner_id == dst_partner
            )
            (alike - (of_destination or alike[:1]))._close("merged")
