from odoo import api, models

#: More are no help to who has to choose one.
MOST_REASONS = 100


class ArAccountPage(models.AbstractModel):
    _inherit = "ar.account.page"

    @api.model
    def _get_words(self):
        return {**super()._get_words(), "dispute": self.env._("I dispute this")}

    @api.model
    def _get_values(self, contact, company, search=""):
        values = super()._get_values(contact, company, search)
        return {**values, "dispute_reasons": self._get_dispute_reasons(company)}

    @api.model
    def _get_dispute_reasons(self, company):
        """Return what customers can say is wrong; nothing where disputes are off."""
        reasons = self.env["ar.dispute.reason"]
        if not company.ar_dispute_active:
            return reasons
        return reasons.search([], limit=MOST_REASONS)
