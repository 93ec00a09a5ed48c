from odoo import api, models

from odoo.addons.ar_ledger.models.ar_run import Stage


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        return super()._get_stages() + [
            Stage(
                key="scores",
                sequence=38,
                label=self.env._("Risk scores"),
                model="ar.risk.score",
                method="_run_nightly",
                switch=lambda company: company.ar_risk_active,
            ),
            Stage(
                key="alerts",
                sequence=40,
                label=self.env._("Risk alerts"),
                model="ar.risk.rule",
                method="_run_evaluate",
                switch=lambda company: company.ar_risk_active,
            ),
        ]
