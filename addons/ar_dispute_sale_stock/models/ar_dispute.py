from odoo import api, fields, models


class ArDispute(models.Model):
    """What was ordered, delivered, signed for and sent back stands beside the dispute
    by itself."""

    _inherit = "ar.dispute"

    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        readonly=True,
        help="Sales team of the invoice, as it was at opening.",
    )
    order_ids = fields.Many2many(
        "sale.order", string="Orders", compute="_compute_evidence", compute_sudo=True
    )
    picking_ids = fields.Many2many(
        "stock.picking",
        string="Transfers",
        compute="_compute_evidence",
        compute_sudo=True,
        help="Deliveries and returns of the disputed invoices' orders.",
    )
    evidence_html = fields.Html(
        string="Evidence",
        compute="_compute_evidence",
        compute_sudo=True,
        sanitize=False,
        help="Deliveries and returns with the customer's signature, also for those "
        "without rights in Inventory.",
    )
    order_count = fields.Integer(compute="_compute_evidence", compute_sudo=True)
    picking_count = fields.Integer(compute="_compute_evidence", compute_sudo=True)
    signed_count = fields.Integer(
        string="Signed Deliveries",
        compute="_compute_evidence",
        compute_sudo=True,
        help="Deliveries that the customer signed for.",
    )

    @api.depends("line_ids.move_id")
    def _compute_evidence(self):
        for dispute in self:
            invoiced = dispute.line_ids.move_id.invoice_line_ids
            orders = invoiced.sale_line_ids.order_id
            pickings = orders.picking_ids.filtered(
                lambda picking: picking.state != "cancel"
            )
            dispute.order_ids = orders
            dispute.picking_ids = pickings
            dispute.order_count = len(orders)
            dispute.picking_count = len(pickings)
            dispute.signed_count = len(pickings.filtered("signature"))
            dispute.evidence_html = dispute._render_evidence(pickings)

    def _render_evidence(self, pickings):
        if not pickings:
            return False
        return self.env["ir.qweb"]._render(
            "ar_dispute_sale_stock.evidence", {"pickings": pickings}
        )

    def _get_frozen_fields(self):
        return super()._get_frozen_fields() | {"team_id"}

    @api.model
    def _prepare_facts(self, lines, opened_on):
        values = super()._prepare_facts(lines, opened_on)
        return {**values, "team_id": lines.move_id.team_id[:1].id}

    def _get_documents(self):
        documents = super()._get_documents()
        for dispute in self.sudo():
            for records in (dispute.order_ids, dispute.picking_ids):
                documents[dispute].update((records._name, id_) for id_ in records.ids)
        return documents

    def action_open_orders(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        action["domain"] = [("id", "in", self.order_ids.ids)]
        action["context"] = {"create": False}
        return action

    def action_open_pickings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "stock.action_picking_tree_all"
        )
        action["domain"] = [("id", "in", self.picking_ids.ids)]
        action["context"] = {"create": False}
        return action
