"""Answers that promise: “I will pay on …”."""

from odoo import api, fields, models


class ArAnswer(models.Model):
    _inherit = "ar.answer"

    kind = fields.Selection(
        selection_add=[("promise", "Will pay")],
        ondelete={"promise": "cascade"},
    )

    @api.model
    def _get_kinds_about_items(self):
        return super()._get_kinds_about_items() | {"promise"}

    @api.model
    def _get_problems(self, kind, company, items, said):
        problems = super()._get_problems(kind, company, items, said)
        if problems or kind != "promise":
            return problems
        if not said.get("day"):
            return [self.env._("Enter the day on which you will pay.")]
        amounts = self._spread_promise(items.line_id, said.get("amount"))
        lines = items.line_id.browse(amounts)
        promises = self.env["ar.promise"]
        return promises._get_problems(lines, amounts, [said["day"]])

    @api.model
    def _spread_promise(self, lines, amount):
        """Return {line id: promised amount}: the oldest items first, until the amount
        is used up; nothing said is the whole."""
        left = amount or sum(lines.mapped("amount_residual_currency"))
        amounts = {}
        for line in lines.sorted(
            lambda line: (line.date_maturity or line.date, line.id)
        ):
            part = line.currency_id.round(min(left, line.amount_residual_currency))
            if part > 0:
                amounts[line.id] = part
                left -= part
        return amounts

    def _get_reason_to_wait(self, said):
        """A promise within the policy stands at once; beyond it a collector decides."""
        if self.kind != "promise":
            return super()._get_reason_to_wait(said)
        amounts = self._get_promised_amounts()
        in_company = self.currency_id._convert(
            sum(amounts.values()),
            self.company_id.currency_id,
            self.company_id,
            self.company_id._ar_today(),
        )
        lines = self.env["account.move.line"].browse(amounts)
        promises = self.env["ar.promise"]
        reasons = promises._get_approval_reasons(lines, in_company, [self.day])
        return "\n".join(reasons) or None

    def _get_promised_amounts(self):
        """Return {journal item id: amount} of what it is accepted for."""
        amount = self.decided_amount or self.amount
        return self._spread_promise(self._get_open_lines(), amount)

    def _apply(self):
        if self.kind != "promise":
            return super()._apply()
        amounts = self._get_promised_amounts()
        promise = self.env["ar.promise"]._record(
            self.env["account.move.line"].browse(amounts),
            self.decided_day or self.day,
            amounts=amounts,
            details={
                "partner_id": self.partner_id.id,
                "channel": "portal",
                "note": self.text,
            },
        )
        return self.env._(
            "Promise on record: %(promise)s", promise=promise.display_name
        )
