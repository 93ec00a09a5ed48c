from odoo import api, fields, models


class ArDunningStepChannel(models.Model):
    """A further way by which a step reaches the customer."""

    _name = "ar.dunning.step.channel"
    _description = "Further Channel of a Dunning Step"
    _order = "step_id, sequence, id"
    _rec_name = "channel"

    step_id = fields.Many2one(
        "ar.dunning.step", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    channel = fields.Selection(
        selection="_selection_channel", required=True, default="letter"
    )
    role = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["role"].selection,
        string="To",
        required=True,
        default="accounting",
    )
    condition = fields.Selection(
        [
            ("always", "Always"),
            ("fallback", "If nothing else arrives"),
        ],
        required=True,
        default="always",
        help="If nothing else arrives: only where the channels before it have no "
        "usable address, were refused for good, or came back.",
    )

    _step_channel_unique = models.UniqueIndex(
        "(step_id, channel)", "A step uses each channel once."
    )

    @api.model
    def _selection_channel(self):
        """Return the channels that a message leaves by."""
        find = self.env["ar.dunning.reminder"]._find_channel
        field = self.env["ar.dunning.step"]._fields["channel"]
        return [
            (key, label)
            for key, label in field._description_selection(self.env)
            if find(key).has_outbox
        ]


class ArDunningStep(models.Model):
    """By which channels a step speaks, to whom, and with which words."""

    _inherit = "ar.dunning.step"

    role = fields.Selection(
        [("accounting", "Accounting"), ("manager", "Manager")],
        string="To",
        required=True,
        default="accounting",
        help="Which contact of the customer is addressed, by the role set on the "
        "contact. Where nobody has it: the invoice address, else the customer.",
    )
    channel_ids = fields.One2many(
        "ar.dunning.step.channel",
        "step_id",
        string="Also By",
        copy=True,
        help="Further channels, at the same time or where the first does not reach.",
    )
    sms_template_id = fields.Many2one(
        "sms.template",
        string="Text of the SMS",
        domain="[('model', '=', 'ar.dunning.reminder')]",
        ondelete="restrict",
        help="Rendered in the language of the customer when the message leaves, with "
        "the amounts of that moment.",
    )
    uses_template = fields.Boolean(compute="_compute_uses")
    uses_sms_template = fields.Boolean(compute="_compute_uses")

    @api.depends("channel", "channel_ids.channel")
    def _compute_uses(self):
        for step in self:
            names = step._get_word_fields()
            step.uses_template = "template_id" in names
            step.uses_sms_template = "sms_template_id" in names

    def _get_word_fields(self):
        """Return the names of the fields that this step's channels take words from."""
        find = self.env["ar.dunning.reminder"]._find_channel
        used = [find(key) for key in self._get_channel_keys() if key]
        return {channel.words for channel in used if channel.has_outbox} - {None}

    def _get_channel_keys(self):
        return [self.channel, *self.channel_ids.mapped("channel")]

    @api.constrains("channel_ids", "sms_template_id")
    def _check_channels(self):
        self._check_channel()

    def _get_problem(self):
        if problem := super()._get_problem():
            return problem
        if not self.env["ar.dunning.reminder"]._find_channel(self.channel).has_outbox:
            return self.channel_ids and self.env._(
                "a call or a notice is a step of its own, without further channels."
            )
        if self.mode == "task":
            return self.env._("a message is either automatic or to confirm.")
        if self.channel in self.channel_ids.mapped("channel"):
            return self.env._("a further channel is another one than the first.")
        for name in sorted(self._get_word_fields()):
            if not self[name]:
                label = self._fields[name]._description_string(self.env)
                return self.env._("it needs words: choose the %(field)s.", field=label)
        return None
