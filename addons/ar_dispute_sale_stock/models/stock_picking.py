from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    ar_dispute_available = fields.Boolean(
        compute="_compute_ar_dispute_available",
        groups="ar_ledger.ar_ledger_group_own",
    )

    @api.depends("sale_id", "state", "picking_type_code")
    def _compute_ar_dispute_available(self):
        for picking in self:
            # Packers need not see orders.
            company = picking.sale_id.sudo().company_id
            picking.ar_dispute_available = (
                company.ar_dispute_active and picking.state == "done"
            )

    def action_ar_dispute(self):
        """Open the wizard that disputes what is open of the order of this transfer."""
        self.ensure_one()
        self.check_access("read")
        if not self.sale_id:
            raise UserError(
                self.env._(
                    "%(transfer)s belongs to no sales order: open the dispute on the "
                    "invoice.",
                    transfer=self.name,
                )
            )
        order = self.sudo().sale_id.sudo(False)
        return self.env["ar.dispute.open"]._launch(order._get_ar_disputable())
