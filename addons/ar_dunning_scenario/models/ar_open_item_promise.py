from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .account_move_line import DELAY_CAUSES
from .ar_promise_mixin import GROUP_COLLECTOR


class ArOpenItem(models.Model):
    _inherit = "ar.open.item"
    _depends = {
        "account.move.line": ["ar_delay_cause"],
        "ar.promise": ["date", "state"],
        "ar.promise.line": ["line_id", "promise_id"],
    }

    ar_delay_cause = fields.Selection(
        DELAY_CAUSES,
        string="Cause of Delay",
        readonly=True,
        help="Why the customer has not paid in time.",
    )
    promised_date = fields.Date(
        string="Promised For",
        readonly=True,
        help="The next day for which the customer promised to pay it, or a part.",
    )

    @api.model
    def _get_columns(self):
        return {
            **super()._get_columns(),
            "ar_delay_cause": SQL("line.ar_delay_cause"),
            # A sub-query, that only who reads the column pays for.
            "promised_date": SQL(
                """(SELECT MIN(promise.date)
                      FROM ar_promise_line promised
                      JOIN ar_promise promise ON promise.id = promised.promise_id
                     WHERE promised.line_id = line.id AND promise.state = 'open')"""
            ),
        }

    def action_ar_promise(self):
        """Open the wizard that records a promise about the chosen items."""
        self.check_access("read")
        return self.env["ar.promise.record"]._launch(self)

    def action_ar_plan(self):
        """Open the wizard that agrees on a payment plan about the chosen items."""
        self.check_access("read")
        return self.env["ar.promise.record"]._launch(self, is_plan=True)

    def _set_delay_cause(self, cause):
        """Note why the chosen items are late.

        :raise AccessError: the user is no collector, or may not see them
        """
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors and credit managers note causes of delay.")
            )
        self.check_access("read")
        self.sudo().line_id._set_ar_delay_cause(cause)
        self.invalidate_model(["ar_delay_cause"])
