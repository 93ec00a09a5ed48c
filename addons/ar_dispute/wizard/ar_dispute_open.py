from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDisputeOpen(models.TransientModel):
    """Which items, how much of them, why, whose and until when."""

    _name = "ar.dispute.open"
    _description = "Open a Dispute"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    line_ids = fields.One2many("ar.dispute.open.line", "wizard_id", string="Open Items")
    reason_id = fields.Many2one(
        "ar.dispute.reason", help="What the customer says is wrong."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        compute="_compute_from_reason",
        store=True,
        readonly=False,
        help="Finds out what happened and is reminded of the deadline.",
    )
    date_deadline = fields.Date(
        string="Deadline",
        compute="_compute_from_reason",
        store=True,
        readonly=False,
        help="The day by which the customer is to have an answer.",
    )
    escalation_user_id = fields.Many2one(
        "res.users", compute="_compute_from_reason", store=True
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], default="0"
    )
    description = fields.Text(help="What the customer says, in the customer's words.")
    dispute_id = fields.Many2one(
        "ar.dispute", readonly=True, ondelete="cascade", help="Gets the items."
    )
    reminder_id = fields.Many2one("ar.dunning.reminder", readonly=True)
    call_result_id = fields.Many2one(
        "ar.dunning.call.result",
        readonly=True,
        help="How the call ended on which the customer said so.",
    )
    delay_cause = fields.Char(readonly=True)

    @api.depends("reason_id", "company_id")
    def _compute_from_reason(self):
        for wizard in self:
            lines = wizard.line_ids.sudo().line_id
            products = self.env["ar.dispute"]._get_invoiced_products(lines)
            routes = self.env["ar.dispute.route"]._get_routes(wizard.company_id)
            reason = wizard.reason_id
            handling = routes._get_handling(reason, wizard.company_id, products, lines)
            wizard.user_id = handling.owner
            wizard.escalation_user_id = handling.escalation_user
            wizard.date_deadline = reason and reason._get_deadline_in(
                wizard.company_id, handling.deadline_days
            )

    def action_confirm(self):
        """Open the dispute and show it."""
        self.ensure_one()
        if self.dispute_id:
            return self._add_to_dispute()
        if not self.reason_id:
            raise UserError(self.env._("Choose what the customer says is wrong."))
        if self.call_result_id:
            self.reminder_id._end_call(
                self.call_result_id, self.description, self.delay_cause
            )
        chosen = self.line_ids.filtered("selected")
        dispute = self.env["ar.dispute"]._open(
            chosen.sudo().line_id,
            self.reason_id,
            amounts=chosen._get_amounts(),
            details=self._prepare_details(),
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "ar.dispute",
            "res_id": dispute.id,
            "views": [[False, "form"]],
        }

    def _add_to_dispute(self):
        chosen = self.line_ids.filtered("selected")
        self.dispute_id._add_items(chosen.sudo().line_id, chosen._get_amounts())
        return {"type": "ir.actions.act_window_close"}

    def _prepare_details(self):
        return {
            "user_id": self.user_id.id,
            "escalation_user_id": self.escalation_user_id.id,
            "priority": self.priority,
            "date_deadline": self.date_deadline
            or self.reason_id._get_deadline(self.company_id),
            "description": self.description,
        }

    @api.model
    def _launch(self, lines, selected=True, **values):
        """Return the action that opens the wizard on these items.

        :param lines: account.move.line
        :param bool selected: whether all of them are ticked at first
        :param values: further values of the wizard
        :raise UserError: when they cannot be disputed, with the reasons
        """
        self.env["ar.dispute"]._check_can_open(lines.sudo(), {})
        wizard = self.create({**self._prepare_wizard(lines.sudo(), selected), **values})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open a dispute"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [[False, "form"]],
            "target": "new",
        }

    def _prepare_wizard(self, lines, selected):
        return {
            "company_id": lines.company_id.id,
            "commercial_partner_id": lines.partner_id.commercial_partner_id.id,
            "line_ids": [
                fields.Command.create(
                    {
                        "line_id": line.id,
                        "move_name": line.move_id.name,
                        "date_maturity": line.date_maturity or line.date,
                        "currency_id": line.currency_id.id,
                        "amount_open": line.amount_residual_currency,
                        "amount_disputed": line.amount_residual_currency,
                        "selected": selected,
                    }
                )
                for line in lines
            ],
        }
