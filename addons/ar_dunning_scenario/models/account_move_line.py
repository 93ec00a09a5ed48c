from odoo import fields, models

from .account_move import GROUP_OWN

DELAY_CAUSES = [
    ("cash", "Customer's cash"),
    ("dispute", "Dispute"),
    ("invoice", "Our invoice"),
    ("delivery", "Our delivery"),
    ("transit", "Payment in transit"),
    ("bank", "Bank"),
]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    ar_delay_cause = fields.Selection(
        DELAY_CAUSES,
        string="Cause of Delay",
        copy=False,
        groups=GROUP_OWN,
        help="Why the customer has not paid in time:\n"
        "Customer's cash: the customer is short of money.\n"
        "Dispute: the customer has something against the invoice.\n"
        "Our invoice: it is wrong, incomplete or did not arrive.\n"
        "Our delivery: late, incomplete or not as ordered.\n"
        "Payment in transit: the customer says it is on its way.\n"
        "Bank: a transfer, direct debit or cheque went wrong.",
    )

    def _set_ar_delay_cause(self, cause):
        """Note why items are late. The caller made sure that the user may.

        :param str cause: a key of :attr:`ar_delay_cause`, False to take it back
        """
        lines = self.sudo().filtered(lambda line: line.ar_delay_cause != cause)
        if not lines:
            return
        lines.ar_delay_cause = cause
        labels = dict(self._fields["ar_delay_cause"]._description_selection(self.env))
        text = self.env._("Cause of delay: %(cause)s", cause=labels.get(cause, "-"))
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "promise",
                    "partner": line.partner_id,
                    "company": line.company_id.root_id,
                    "text": f"{line.move_id.name}: {text}",
                    "source": line.move_id,
                }
                for line in lines
            ]
        )
