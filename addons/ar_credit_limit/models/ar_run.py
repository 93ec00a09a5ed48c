from odoo import api, models

from odoo.addons.ar_ledger.models.ar_run import Stage


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        return super()._get_stages() + [
            Stage(
                key="holds",
                sequence=30,
                label=self.env._("Limits and holds that run out"),
                model="ar.credit.hold",
                method="_run_nightly",
                switch=lambda company: company._has_credit_check(),
            )
        ]
