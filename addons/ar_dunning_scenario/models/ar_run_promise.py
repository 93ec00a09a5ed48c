from odoo import api, models

from odoo.addons.ar_ledger.models.ar_run import Stage


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        # Before the reminders: what was promised and not paid is asked for tonight.
        return super()._get_stages() + [
            Stage(
                key="promises",
                sequence=10,
                label=self.env._("Promises"),
                model="ar.promise",
                method="_run_night_batch",
                switch=lambda company: company.ar_dunning_active,
            )
        ]
