from odoo import api, fields, models
from odoo.exceptions import UserError

from .ar_dispute import UNDECIDED


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_dispute_active = fields.Boolean(
        compute="_compute_ar_dispute_active", groups="ar_ledger.ar_ledger_group_own"
    )
    ar_dispute_count = fields.Integer(
        string="Undecided Disputes",
        compute="_compute_ar_dispute_count",
        groups="ar_ledger.ar_ledger_group_own",
        help="Of this customer in the current company and its branches.",
    )

    @api.depends_context("company")
    def _compute_ar_dispute_active(self):
        self.ar_dispute_active = self.env.company.ar_dispute_active

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_ar_dispute_count(self):
        counts = {}
        if self.env.company.ar_dispute_active:
            counts = dict(
                self.env["ar.dispute"]._read_group(
                    [
                        ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                        ("company_id", "child_of", self.env.company.root_id.id),
                        ("state", "in", UNDECIDED),
                    ],
                    ["commercial_partner_id"],
                    ["__count"],
                )
            )
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.ar_dispute_count = counts.get(customer, 0)

    def action_open_ar_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        action["context"] = {}
        return action

    def action_ar_dispute(self):
        """Open the wizard that disputes open items of this customer."""
        self.ensure_one()
        items = self.env["ar.open.item"].search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.env.company.id),
                ("amount_residual", ">", 0),
            ]
        )
        lines = items.sudo().line_id
        disputed = self.env["ar.dispute"]._get_undecided_by_line(lines)
        free = lines.filtered(lambda line: line.id not in disputed)
        if not free:
            raise UserError(
                self.env._(
                    "%(customer)s owes %(company)s nothing that is not disputed "
                    "already.",
                    customer=self.commercial_partner_id.display_name,
                    company=self.env.company.name,
                )
            )
        return self.env["ar.dispute.open"]._launch(free, selected=False)
