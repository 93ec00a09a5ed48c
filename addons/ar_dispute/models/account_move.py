from odoo import api, fields, models
from odoo.fields import Domain

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class AccountMove(models.Model):
    _inherit = "account.move"

    ar_dispute_line_ids = fields.One2many(
        "ar.dispute.line", "move_id", string="Disputed Items", groups=GROUP_OWN
    )
    ar_dispute_available = fields.Boolean(
        compute="_compute_ar_dispute_available", groups=GROUP_OWN
    )
    ar_dispute_count = fields.Integer(
        string="Disputes", compute="_compute_ar_disputes", groups=GROUP_OWN
    )
    ar_is_disputed = fields.Boolean(
        string="Disputed",
        compute="_compute_ar_disputes",
        search="_search_ar_is_disputed",
        groups=GROUP_OWN,
        help="An undecided dispute is about this invoice: what is disputed of it is "
        "not chased.",
    )

    @api.depends("company_id.ar_dispute_active", "move_type")
    def _compute_ar_dispute_available(self):
        for move in self:
            move.ar_dispute_available = (
                move.company_id.ar_dispute_active
                and move.move_type in ("out_invoice", "out_receipt")
            )

    @api.depends("ar_dispute_line_ids.is_open", "ar_dispute_available")
    def _compute_ar_disputes(self):
        # A company that does not use disputes is spared the query.
        disputable = self.filtered("ar_dispute_available")
        figures = {}
        if disputable.ids:
            figures = {
                move.id: (len(disputes), undecided)
                for move, disputes, undecided in self.env["ar.dispute.line"]
                .sudo()
                ._read_group(
                    [("move_id", "in", disputable.ids)],
                    ["move_id"],
                    ["dispute_id:array_agg_distinct", "is_open:bool_or"],
                )
            }
        for move in self:
            count, undecided = figures.get(move._origin.id, (0, False))
            move.ar_dispute_count = count
            move.ar_is_disputed = undecided

    def _search_ar_is_disputed(self, operator, value):
        if operator != "in":
            return NotImplemented
        undecided = Domain("is_open", "=", True)
        disputed = Domain("ar_dispute_line_ids", "any!", undecided)
        return disputed if True in value else ~disputed

    def action_ar_dispute(self):
        """Open the wizard that disputes what is open of this invoice."""
        self.ensure_one()
        self.check_access("read")
        items = self.sudo().line_ids.filtered(
            lambda line: line.account_type in ("asset_receivable", "liability_payable")
        )
        still_open = items.filtered(lambda line: not line.reconciled)
        return self.env["ar.dispute.open"]._launch(still_open or items)

    def action_open_ar_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_action"
        )
        action["domain"] = [("line_ids.move_id", "=", self.id)]
        action["context"] = {}
        return action
