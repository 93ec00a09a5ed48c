from odoo import api, fields, models

from ..tools.undo import Act, undo

#: What an act changes: the field of the customer, kept per root company.
CHANGED_FIELDS = {
    "terms": "property_payment_term_id",
    "scenario": "ar_root_dunning_scenario_id",
}


class ArRiskAct(models.Model):
    """What an alert changed on a customer, with what it found there."""

    _name = "ar.risk.act"
    _description = "Act of an Alert"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "alert_id"

    alert_id = fields.Many2one(
        "ar.risk.alert", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        related="alert_id.commercial_partner_id", store=True, index=True
    )
    company_id = fields.Many2one(related="alert_id.company_id", store=True)
    kind = fields.Selection(
        [("terms", "Payment terms"), ("scenario", "Dunning scenario")],
        required=True,
        readonly=True,
    )
    before_id = fields.Many2oneReference(
        string="Found", model_field="value_model", readonly=True
    )
    after_id = fields.Many2oneReference(
        string="Set", model_field="value_model", readonly=True
    )
    value_model = fields.Char(required=True, readonly=True)
    before_name = fields.Char(string="Before", readonly=True)
    after_name = fields.Char(string="Meanwhile", readonly=True)
    state = fields.Selection(
        [
            ("standing", "In Force"),
            ("undone", "Taken Back"),
            ("kept", "Decided otherwise meanwhile"),
        ],
        required=True,
        readonly=True,
        default="standing",
    )

    @api.model
    def _do(self, alert, kind, value):
        """Set a value on the customer of an alert, and remember what was there.

        :param str kind: a key of :data:`CHANGED_FIELDS`
        :param value: the record to set
        """
        found = self._get_value(alert, kind)
        act = self._by_code().create(
            {
                "alert_id": alert.id,
                "kind": kind,
                "value_model": value._name,
                "before_id": found.id,
                "after_id": value.id,
                "before_name": found.display_name or "-",
                "after_name": value.display_name,
            }
        )
        act._set_value(value)
        return act

    def _undo(self):
        """Take acts back, unless somebody decided otherwise meanwhile."""
        for act in self.filtered(lambda each: each.state == "standing"):
            act._undo_one()

    def _undo_one(self):
        standing = self._get_standing()
        current = self._get_value(self.alert_id, self.kind)
        how = undo(self.id, [each._to_plain() for each in standing], current.id)
        if how.is_set:
            value = self.env[self.value_model].browse(how.value or []).exists()
            self._set_value(value)
        for plain in how.handed_up:
            self._hand_up(plain)
        is_done = how.is_set or len(standing) > 1
        self._by_code().state = "undone" if is_done else "kept"

    def _hand_up(self, plain):
        self.browse(plain.key)._by_code().write(
            {"before_id": plain.before, "before_name": self.before_name}
        )

    def _get_standing(self):
        """Return the acts that stand on the same field of the customer, the oldest
        first."""
        return self.sudo().search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("kind", "=", self.kind),
                ("state", "=", "standing"),
            ],
            order="id",
        )

    def _to_plain(self):
        return Act(self.id, self.before_id or False, self.after_id or False)

    @api.model
    def _get_value(self, alert, kind):
        customer = alert.commercial_partner_id.with_company(alert.company_id).sudo()
        return customer[CHANGED_FIELDS[kind]]

    def _set_value(self, value):
        customer = self.commercial_partner_id.with_company(self.company_id).sudo()
        customer[CHANGED_FIELDS[self.kind]] = value

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "What an alert changed is on record: change the customer itself instead."
        )
