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
        lines = self._get_promised_lines()
        currency, today = self.currency_id, self.company_id._ar_today()
        total = self._get_promised_amount(lines)
        in_company = currency._convert(
            total, self.company_id.currency_id, self.company_id, today
        )
        promises = self.env["ar.promise"]
        reasons = promises._get_approval_reasons(lines, in_company, [self.day])
        return "\n".join(reasons) or None

    def _get_promised_lines(self):
        lines = self._get_open_lines()
        wanted = self._spread_promise(lines, self.decided_amount or self.amount)
        return lines.browse(wanted)

    def _get_promised_amount(self, lines):
        wanted = self._spread_promise(lines, self.decided_amount or self.amount)
        return sum(wanted.values())

    def _apply(self):
        if self.kind != "promise":
            return super()._apply()
        lines = self._get_promised_lines()
        promise = self.env["ar.promise"]._record(
            lines,
            self.decided_day or self.day,
            amounts=self._spread_promise(lines, self.decided_amount or self.amount),
            details={
                "partner_id": self.partner_id.id,
                "channel": "portal",
                "note": self.text,
            },
        )
        return self.env._(
            "Promise on record: %(promise)s", promise=promise.display_name
        )


class ArAccountPage(models.AbstractModel):
    _inherit = "ar.account.page"

    @api.model
    def _get_words(self):
        return {**super()._get_words(), "promise": self.env._("I will pay")}

    @api.model
    def _get_values(self, contact, company, search=""):
        values = super()._get_values(contact, company, search)
        return {**values, "can_promise": company.ar_dunning_active}
