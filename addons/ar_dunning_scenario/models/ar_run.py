from odoo import api, models

from odoo.addons.ar_ledger.models.ar_run import Stage


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        return super()._get_stages() + [
            Stage(
                key="dunning",
                sequence=20,
                label=self.env._("Reminders"),
                model="ar.dunning.reminder",
                method="_run_night_batch",
                switch=lambda company: company.ar_dunning_active,
            )
        ]
