from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import policy as rules
from ..tools.exposure import BUCKETS

#: (code, label, what the threshold is: an amount, days, percent or nothing).
CODES = (
    ("over_limit", "Credit limit exceeded", None),
    ("utilization", "Share of the limit used", "percent"),
    ("order_amount", "Order too big", "amount"),
    ("bucket_ceiling", "Part of the exposure too high", "amount"),
    ("overdue_amount", "Too much overdue", "amount"),
    ("days_overdue", "Overdue for too long", "days"),
    ("grant_expired", "Credit limit run out", "days"),
    ("review_overdue", "Review of the limit overdue", "days"),
    ("manual_stop", "Stopped by hand", None),
    ("discount", "Discount bigger than agreed", "percent"),
    ("payment_terms", "Payment terms longer than agreed", None),
)
UNITS = {code: unit for code, _label, unit in CODES}


class ArCreditPolicyCheck(models.Model):
    """One check of a policy, and what happens at each point when it finds something."""

    _name = "ar.credit.policy.check"
    _description = "Check of a Credit Policy"
    _order = "policy_id, sequence, id"
    _rec_name = "code"

    policy_id = fields.Many2one(
        "ar.credit.policy", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    code = fields.Selection(
        [(code, label) for code, label, _unit in CODES],
        string="Check",
        required=True,
        default="over_limit",
        help="Credit limit exceeded: open items and orders together, with the order.\n"
        "Share of the limit used: as before, an early warning below the limit.\n"
        "Order too big: one order alone, as far as nothing is paid in advance.\n"
        "Part of the exposure too high: one bucket alone reaches its ceiling.\n"
        "Too much overdue: what is overdue for more than the grace days.\n"
        "Overdue for too long: days of the oldest overdue item.\n"
        "Credit limit run out: a temporary limit ended and no other one is in force.\n"
        "Review of the limit overdue: the day of the next review has passed.\n"
        "Stopped by hand: a credit manager stopped all orders of the customer.\n"
        "Discount bigger than agreed: on a line, or for early payment.\n"
        "Payment terms longer than agreed: longer than the customer's own terms.",
    )
    unit = fields.Selection(
        [("amount", "Amount"), ("days", "Days"), ("percent", "Percent")],
        compute="_compute_unit",
    )
    bucket = fields.Selection(
        list(BUCKETS), help="The part of the exposure that has a ceiling of its own."
    )
    threshold = fields.Float(
        string="More Than",
        digits=(16, 2),
        help="What is still accepted: an amount in the company's currency, days or "
        "percent, as the check says.",
    )
    grace_days = fields.Integer(
        help="Days after the due date, the end or the review date that do not count."
    )
    at_quotation = fields.Selection(
        [("none", "Nothing"), ("advise", "Advise")],
        string="Quotation",
        required=True,
        default="advise",
        help="Advise: the quotation shows it in a banner.",
    )
    at_confirm = fields.Selection(
        [("none", "Nothing"), ("warn", "Warn"), ("hold", "Hold")],
        string="Confirmation",
        required=True,
        default="hold",
        help="Warn: the order is confirmed, whoever confirms is told and it stays on "
        "record.\nHold: the order stays a quotation until it is released.",
    )
    at_increase = fields.Selection(
        [("none", "Nothing"), ("warn", "Warn"), ("refuse", "Refuse")],
        string="Increase",
        required=True,
        default="refuse",
        help="When a confirmed order is to grow. Refuse: the change needs an approval.",
    )
    at_transfer = fields.Selection(
        [("none", "Nothing"), ("warn", "Warn"), ("hold", "Hold")],
        string="Delivery",
        required=True,
        default="none",
        help="Hold: the delivery is not validated until it is released.",
    )
    transfer_grace_days = fields.Integer(
        string="Grace After Order (days)",
        help="Deliveries of an order go in spite of what is found for so many days "
        "after its confirmation: what was accepted then is still delivered. Zero: not "
        "at all.",
    )

    _code_unique = models.UniqueIndex(
        "(policy_id, code, COALESCE(bucket, ''))",
        "A policy has each check once, and one ceiling for each part of the exposure.",
    )
    _not_negative = models.Constraint(
        "CHECK (threshold >= 0 AND grace_days >= 0 AND transfer_grace_days >= 0)",
        "Thresholds and grace days are not negative.",
    )

    @api.depends("code")
    def _compute_unit(self):
        for check in self:
            check.unit = UNITS.get(check.code)

    @api.depends("code", "bucket")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("code", "bucket")
        }
        for check in self:
            texts = labels["code"].get(check.code), labels["bucket"].get(check.bucket)
            check.display_name = ": ".join(filter(None, texts))

    @api.constrains("code", "bucket")
    def _check_bucket(self):
        for check in self:
            if (check.code == "bucket_ceiling") != bool(check.bucket):
                raise ValidationError(
                    self.env._(
                        "Say which part of the exposure has a ceiling: with this check "
                        "alone, and always with it."
                    )
                )

    @api.constrains("code", "threshold")
    def _check_threshold(self):
        for check in self:
            if check.unit == "percent" and check.threshold > 100:
                raise ValidationError(
                    self.env._("A discount or a share is at most 100 percent.")
                )

    @api.onchange("code")
    def _onchange_code(self):
        if self.code != "bucket_ceiling":
            self.bucket = False
        if not self.unit:
            self.threshold = 0.0

    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        checks.policy_id._after_change()
        return checks

    def write(self, vals):
        result = super().write(vals)
        self.policy_id._after_change()
        return result

    def unlink(self):
        policies = self.policy_id
        result = super().unlink()
        policies._after_change()
        return result

    def _as_checks(self):
        """Return the checks as plain data: tuple of :class:`~..tools.policy.Check`."""
        return tuple(
            rules.Check(
                code=check.code,
                threshold=check.threshold,
                grace_days=check.grace_days,
                bucket=check.bucket or None,
                actions=(
                    check.at_quotation,
                    check.at_confirm,
                    check.at_increase,
                    check.at_transfer,
                ),
                # What a person stopped is stopped at once.
                transfer_grace_days=(
                    0 if check.code == "manual_stop" else check.transfer_grace_days
                ),
            )
            for check in self
        )
