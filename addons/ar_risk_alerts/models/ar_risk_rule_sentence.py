"""What an alert says, in words: the same in banner, hold, transfer and list."""

from odoo import models
from odoo.tools import format_date


class ArRiskRule(models.Model):
    _inherit = "ar.risk.rule"

    def _get_sentence(self, alert):
        """Return one sentence with the figures of an alert.

        Hook: an addon with a kind of its own adds its sentence in
        :meth:`_get_sentences`.
        """
        figures = {
            "rule": self.name,
            "amount": alert.currency_id.format(alert.amount),
            "days": alert.days_overdue,
            "measure": f"{abs(alert.measure):.0f}",
            "date": format_date(self.env, alert.oldest_due_date),
        }
        return self._get_sentences()[self.kind] % figures

    def _get_sentences(self):
        """Return {kind: sentence with rule, amount, days, measure and date}."""
        _ = self.env._
        return {
            "overdue": _(
                "%(rule)s: %(amount)s open, the oldest item %(days)s days overdue."
            ),
            "utilization": _(
                "%(rule)s: %(amount)s owed and ordered, %(measure)s %% of the limit."
            ),
            "worsening": _(
                "%(rule)s: %(measure)s risk points more than three months ago."
            ),
            "points": _("%(rule)s: %(measure)s risk points."),
            "reminders": _(
                "%(rule)s: asked %(measure)s times for an item, %(amount)s still open."
            ),
            "promise_broken": _(
                "%(rule)s: %(amount)s was promised and is still not paid."
            ),
            "dispute_late": _(
                "%(rule)s: a dispute should have been decided %(measure)s days ago; "
                "%(amount)s waits for it."
            ),
            "expiring": _("%(rule)s: on %(date)s."),
            "not_invoiced": _(
                "%(rule)s: %(amount)s delivered and not invoiced, ordered up to "
                "%(days)s days ago."
            ),
            "never_sent": _("%(rule)s: invoices of %(amount)s never left."),
            "bounced": _("%(rule)s: invoices of %(amount)s came back."),
            "no_email": _("%(rule)s: %(amount)s open and nowhere to write to."),
            "no_scenario": _("%(rule)s: %(amount)s open that nobody chases."),
            "no_limit": _("%(rule)s: %(amount)s open without a decision on credit."),
            "no_collector": _("%(rule)s: %(amount)s open that nobody looks after."),
            "terms": _("%(rule)s: %(amount)s invoiced on other terms than agreed."),
            "concentration": _(
                "%(rule)s: %(amount)s, which is %(measure)s %% of what all customers "
                "owe and ordered."
            ),
            "stale_ledger": _(
                "%(rule)s: nothing was booked on bank or cash for %(measure)s days, the "
                "last time on %(date)s."
            ),
        }
