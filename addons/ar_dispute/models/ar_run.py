from odoo import api, models

from odoo.addons.ar_ledger.models.ar_run import Stage


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        # Before the dunning stage: a customer who paid what was disputed is not to
        # find the item among the suspended ones.
        return super()._get_stages() + [
            Stage(
                key="disputes",
                sequence=15,
                label=self.env._("Disputes: settled, due and late ones"),
                model="ar.dispute",
                method="_run_night",
                switch=lambda company: company.ar_dispute_active,
            )
        ]
