from odoo import api, fields, models


class ArAnswer(models.Model):
    _inherit = "ar.answer"

    kind = fields.Selection(
        selection_add=[("dispute", "Disputes it")], ondelete={"dispute": "cascade"}
    )
    reason_id = fields.Many2one(
        "ar.dispute.reason", string="Disputed Because", readonly=True
    )
    dispute_id = fields.Many2one("ar.dispute", readonly=True, ondelete="set null")

    @api.model
    def _get_kinds_about_items(self):
        return super()._get_kinds_about_items() | {"dispute"}

    @api.model
    def _get_problems(self, kind, company, items, said):
        problems = super()._get_problems(kind, company, items, said)
        if problems or kind != "dispute":
            return problems
        if not self._find_reason(said):
            return [self.env._("Choose what is wrong.")]
        if not company.ar_dispute_active:
            return [
                self.env._("Please write to us: disputes are not taken on this page.")
            ]
        return self._get_dispute_problems(items, said)

    @api.model
    def _get_dispute_problems(self, items, said):
        if said.get("amount") and len(items) > 1:
            return [
                self.env._("To dispute a part, choose one item and enter the amount.")
            ]
        known = items.filtered(lambda item: item.suspension_kind == "dispute")
        if known:
            return [
                self.env._(
                    "Disputed already: %(items)s.",
                    items=", ".join(known.mapped("move_name")),
                )
            ]
        return [
            reason
            for line in items.line_id
            for reason in line._ar_get_undisputable_reasons()
        ]

    @api.model
    def _find_reason(self, said):
        reasons = self.env["ar.dispute.reason"]
        return reasons.search([("id", "=", said.get("reason") or 0)])

    @api.model
    def _prepare_answer(self, contact, company, kind, items, said):
        values = super()._prepare_answer(contact, company, kind, items, said)
        if kind == "dispute":
            values["reason_id"] = self._find_reason(said).id
        return values

    def _get_reason_to_wait(self, said):
        """A dispute always opens: who has a reason is not chased while it is looked
        into."""
        if self.kind == "dispute":
            return None
        return super()._get_reason_to_wait(said)

    def _apply(self):
        if self.kind != "dispute":
            return super()._apply()
        lines = self._get_open_lines()
        amounts = {lines.id: self.amount} if self.amount else {}
        details = {"description": self.text or self.reason_id.name}
        dispute = self.env["ar.dispute"]._open(
            lines, self.reason_id, amounts=amounts, details=details
        )
        self._by_code().dispute_id = dispute
        self._hand_over(dispute)
        return self.env._("Dispute opened: %(dispute)s", dispute=dispute.name)

    def _hand_over(self, dispute):
        """The dispute gets copies of the files: the answer keeps what was given."""
        for file in self.attachment_ids:
            file.copy({"res_model": dispute._name, "res_id": dispute.id})
