from odoo import api, models
from odoo.exceptions import AccessError

from .res_partner import GROUP_OWN

REPORT = "ar_ledger.statement_report"


class ArStatementReport(models.AbstractModel):
    """The statement of account: what is open, since when, per currency."""

    _name = "report.ar_ledger.statement"
    _description = "Statement of Account"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return the statements of the customers of these contacts.

        Users see what they see in the lists: of own customers, or of all.
        """
        if not (self.env.su or self.env.user.has_group(GROUP_OWN)):
            raise AccessError(
                self.env._("Statements are printed by who may see what customers owe.")
            )
        customers = self.env["res.partner"].browse(docids).commercial_partner_id
        page = self.env["ar.account.page"]
        return {
            "doc_ids": customers.ids,
            "doc_model": "res.partner",
            "docs": customers,
            "statements": page._get_statements(customers, self.env.company.root_id),
            "get_mark": page._get_mark,
            "is_part": page._is_part,
        }
