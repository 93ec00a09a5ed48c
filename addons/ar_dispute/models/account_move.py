from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class AccountMove(models.Model):
    _inherit = "account.move"

    ar_dispute_line_ids = fields.One2many(
        "ar.dispute.line", "move_id", string="Disputed Items", groups=GROUP_OWN
    )
    ar_dispute_id = fields.Many2one(
        "ar.dispute",
        string="Credits the Dispute",
        readonly=True,
        copy=False,
        index="btree_not_null",
        groups=GROUP_OWN,
        help="The dispute that this credit note was issued for.",
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

    def _post(self, soft=True):
        """Invoices that come back with other instalments are disputed as before."""
        posted = super()._post(soft)
        # Whoever posts need not be allowed to see disputes.
        disputable = posted.sudo().filtered("ar_dispute_available")
        if disputable:
            disputable._ar_restore_disputes()
        return posted

    def _ar_restore_disputes(self):
        """Let undecided disputes about other instalments than there are now be about
        these."""
        disputed = self.env["ar.dispute.line"].search(
            [("move_id", "in", self.ids), ("is_open", "=", True)]
        )
        for move, lines in disputed.grouped("move_id").items():
            if not all(line._fits_item() for line in lines):
                lines._replace_by(
                    move.line_ids.filtered(
                        lambda line: (
                            line.account_type == "asset_receivable" and line.balance > 0
                        )
                    )
                )

    def _ar_lower_to(self, amount, text):
        """Let a draft credit note come to an amount, a line for each tax and account.

        The amounts and the taxes are those that Odoo computes for a down payment of a
        fixed amount: they add up to it to the cent.

        :param float amount: taxes included, in the currency of the credit note
        :param str text: what its lines say
        :raise UserError: when the amount cannot be reached
        """
        self.ensure_one()
        taxes = self.env["account.tax"]
        base_lines, _tax_lines = self._get_rounded_base_and_tax_lines()
        lowered = taxes._prepare_down_payment_lines(
            base_lines=base_lines,
            company=self.company_id,
            amount_type="fixed",
            amount=amount,
            computation_key=f"ar_dispute,{self.id}",
            grouping_function=lambda base_line: {"account_id": base_line["account_id"]},
        )
        self.invoice_line_ids = [
            Command.clear(),
            *(Command.create(self._ar_prepare_lowered(each, text)) for each in lowered),
        ]
        if self.currency_id.compare_amounts(self.amount_total, amount):
            raise UserError(
                self.env._(
                    "A credit note about exactly %(amount)s cannot be made of the "
                    "taxes of %(invoice)s. Decide without a credit note and issue it "
                    "by hand.",
                    amount=self.currency_id.format(amount),
                    invoice=self.reversed_entry_id.name,
                )
            )

    def _ar_prepare_lowered(self, base_line, text):
        taxes = self.env["account.tax"]
        return {
            "name": text,
            "quantity": 1.0,
            "price_unit": base_line["price_unit"],
            "account_id": base_line["account_id"].id,
            "tax_ids": [Command.set(base_line["tax_ids"].ids)],
            "analytic_distribution": base_line["analytic_distribution"],
            "extra_tax_data": taxes._export_base_line_extra_tax_data(base_line),
        }

    def _reconcile_reversed_moves(self, reverse_moves, move_reverse_cancel):
        """A credit note for a dispute settles what was disputed before anything else
        of the invoice."""
        for move, note in zip(self, reverse_moves, strict=False):
            note.sudo()._ar_reconcile_disputed(move.sudo())
        return super()._reconcile_reversed_moves(reverse_moves, move_reverse_cancel)

    def _ar_reconcile_disputed(self, invoice):
        if not self.ar_dispute_id:
            return
        disputed = self.ar_dispute_id.line_ids.line_id.filtered(
            lambda line: line.move_id == invoice and not line.reconciled
        )
        for line in disputed:
            credit = self.line_ids.filtered(
                lambda each, account=line.account_id: (
                    each.account_id == account and not each.reconciled
                )
            )
            if credit:
                (line | credit).reconcile()
