from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_dunning_manager_id = fields.Many2one(
        "res.users",
        string="Escalate To",
        domain="[('share', '=', False)]",
        help="Gets a task per customer whose items do not move or are too old.",
    )
    ar_dunning_stagnation_days = fields.Integer(
        string="Without Progress",
        help="Overdue items for which nothing happened in so many days are escalated. "
        "0: never.",
    )
    ar_dunning_old_days = fields.Integer(
        string="Too Old",
        help="Items overdue longer than so many days are escalated, once. 0: never.",
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_dunning_manager_id",
            "ar_dunning_stagnation_days",
            "ar_dunning_old_days",
        ]
