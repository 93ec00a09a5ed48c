from odoo import api, models


class ArRecheck(models.Model):
    _inherit = "ar.recheck"

    @api.model
    def _is_awaited(self, company):
        return super()._is_awaited(company) or company.root_id._checks_transfers()

    @api.model
    def _recheck(self, company, partners):
        """What changed for a customer may stop or free transfers: they are marked after
        the holds were looked at."""
        super()._recheck(company, partners)
        pickings = self.env["stock.picking"].sudo()
        pickings.search(
            pickings._get_stoppable_domain(partners, company)
        )._mark_delivery_state()
