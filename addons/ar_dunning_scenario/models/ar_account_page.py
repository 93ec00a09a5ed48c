from odoo import api, models


class ArAccountPage(models.AbstractModel):
    _inherit = "ar.account.page"

    @api.model
    def _get_words(self):
        return {**super()._get_words(), "promise": self.env._("I will pay")}

    @api.model
    def _get_values(self, contact, company, search=""):
        values = super()._get_values(contact, company, search)
        return {**values, "can_promise": company.ar_dunning_active}
