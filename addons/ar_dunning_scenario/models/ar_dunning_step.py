import uuid

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import is_html_empty

from .ar_dunning_reminder import OPEN_STATES

#: What a step is known by to the customer or to the staff; changing it changes nothing
#: that was done.
COSMETIC_FIELDS = {"name", "template_id", "sms_template_id", "text"}


class ArDunningStep(models.Model):
    _name = "ar.dunning.step"
    _description = "Dunning Step"
    _order = "scenario_id, sequence, days, step_key"
    _check_company_auto = True

    scenario_id = fields.Many2one(
        "ar.dunning.scenario", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="scenario_id.company_id")
    name = fields.Char(required=True, translate=True)
    step_key = fields.Char(
        string="Key",
        required=True,
        readonly=True,
        default=lambda self: uuid.uuid4().hex[:8],
        help="By this key the history knows the step in every version.",
    )
    trigger = fields.Selection(
        [
            ("sending", "Sending of the invoice"),
            ("discount_date", "Discount date"),
            ("due_date", "Due date"),
            ("previous_step", "Previous step"),
        ],
        string="Counted From",
        required=True,
        default="due_date",
        help="Sending: waits until the invoice was sent. Discount date: only for items "
        "with an early-payment discount, and not after its last day. Previous step: "
        "days after the step before it was done.",
    )
    days = fields.Integer(
        required=True,
        help="Days from what it is counted from; negative for days before. A step "
        "before the due date is a courtesy: it lapses once the item is due.",
    )
    channel = fields.Selection(
        [
            ("email", "E-mail"),
            ("sms", "SMS"),
            ("letter", "Letter"),
            ("registered", "Registered letter"),
            ("call", "Call"),
            ("notice", "Internal notice"),
        ],
        required=True,
        default="email",
        help="By what the step reaches the customer; an internal notice reaches a "
        "colleague.",
    )
    mode = fields.Selection(
        [
            ("automatic", "Automatic"),
            ("confirm", "To confirm"),
            ("task", "Task"),
        ],
        required=True,
        compute="_compute_mode",
        store=True,
        precompute=True,
        readonly=False,
        help="Automatic: it leaves by itself. To confirm: a collector reads it first. "
        "Task: a person does it.",
    )
    responsible = fields.Selection(
        [("collector", "Collector"), ("salesperson", "Salesperson")],
        required=True,
        default="collector",
        help="Who calls, is told, or signs the e-mail.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Text of E-mail and Letter",
        domain="[('model', '=', 'ar.dunning.reminder')]",
        ondelete="restrict",
        help="Subject and text. The table of items, the totals and the invoices are "
        "added to it.",
    )
    text = fields.Html(
        string="Script",
        translate=True,
        help="What to say on the call, or what the colleague is told.",
    )

    _scenario_key_unique = models.UniqueIndex("(scenario_id, step_key)")

    @api.depends("channel")
    def _compute_mode(self):
        modes = {"call": "task", "notice": "automatic"}
        for step in self:
            allowed = modes.get(step.channel)
            if allowed or not step.mode or step.mode == "task":
                step.mode = allowed or "automatic"

    @api.depends("name", "days", "trigger")
    def _compute_display_name(self):
        for step in self:
            step.display_name = f"{step._get_day_label()} {step.name or ''}"

    @api.constrains("channel", "mode", "template_id")
    def _check_channel(self):
        for step in self:
            if problem := step._get_problem():
                raise ValidationError(
                    self.env._(
                        "Step %(step)s: %(problem)s",
                        step=step.display_name,
                        problem=problem,
                    )
                )

    def _get_problem(self):
        self.ensure_one()
        if self.channel == "call" and self.mode != "task":
            return self.env._("a call is a task: a person makes it.")
        if self.channel == "notice" and self.mode != "automatic":
            return self.env._("an internal notice is automatic.")
        return None

    @api.model_create_multi
    def create(self, vals_list):
        steps = super().create(vals_list)
        steps.scenario_id._bump_version()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if set(vals) - COSMETIC_FIELDS:
            self.scenario_id._bump_version()
        return result

    def unlink(self):
        scenarios = self.scenario_id
        result = super().unlink()
        scenarios.exists()._bump_version()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_waiting(self):
        """Its open reminders take their further channels, and words, from the step."""
        waiting = self.env["ar.dunning.reminder"].sudo()
        waiting = waiting.search(
            [("step_id", "in", self.ids), ("state", "in", OPEN_STATES)], limit=1
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(step)s: reminders of this step are not sent yet. Send or cancel "
                    "them first.",
                    step=waiting.step_id.display_name,
                )
            )

    def _get_script(self):
        """Return the text for the staff, or None."""
        self.ensure_one()
        return None if is_html_empty(self.text) else self.text
