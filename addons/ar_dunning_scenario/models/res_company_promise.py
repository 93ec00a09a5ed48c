from odoo import api, fields, models
from odoo.tools import ormcache

#: What of the policy is set on the root company and holds for its branches.
POLICY_FIELDS = [
    "ar_promise_horizon_days",
    "ar_promise_max_per_item",
    "ar_promise_tolerance_days",
    "ar_promise_approval_amount",
    "ar_plan_horizon_days",
    "ar_plan_missed_max",
    "ar_plan_late_max",
]


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_promise_horizon_days = fields.Integer(
        string="Promises: Days Ahead",
        default=30,
        help="A promise for a later day needs the approval of a credit manager. 0: any "
        "day is fine.",
    )
    ar_promise_max_per_item = fields.Integer(
        string="Promises per Item",
        default=2,
        help="An item that was promised so many times already is promised again only "
        "with the approval of a credit manager. 0: as often as they like.",
    )
    ar_promise_tolerance_days = fields.Integer(
        string="Promises: Tolerance in Days",
        default=3,
        help="A payment booked so many days after the promised day is still in time.",
    )
    ar_promise_approval_amount = fields.Monetary(
        string="Promises: Approval Above",
        help="A promise or plan of more than this, in the company's currency, needs "
        "the approval of a credit manager who did not record it. 0: no amount does.",
    )
    ar_plan_horizon_days = fields.Integer(
        string="Payment Plans: Days Ahead",
        default=180,
        help="A plan whose last instalment comes later needs the approval of a credit "
        "manager. 0: any length is fine.",
    )
    ar_plan_missed_max = fields.Integer(
        string="Payment Plans: Missed Instalments",
        default=2,
        help="A plan is broken when so many instalments were missed. 0: however many.",
    )
    ar_plan_late_max = fields.Integer(
        string="Payment Plans: Days Late",
        default=15,
        help="A plan is broken when an instalment is late by more days. 0: however "
        "late.",
    )

    _promise_policy_valid = models.Constraint(
        """CHECK (LEAST(ar_promise_horizon_days, ar_promise_max_per_item,
                        ar_promise_tolerance_days, ar_promise_approval_amount,
                        ar_plan_horizon_days, ar_plan_missed_max, ar_plan_late_max)
                  >= 0)""",
        "Days, numbers and amounts of the policy for promises cannot be negative.",
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + POLICY_FIELDS

    @api.model
    @ormcache()
    def _get_ar_promising_ids(self) -> frozenset:
        """Return the ids of the root companies that have any promise."""
        rows = self.env["ar.promise"].sudo()._read_group([], ["company_id"])
        return frozenset(company.id for (company,) in rows)

    def _has_ar_promises(self):
        """Tell whether anything was ever promised in these companies, where dunning is
        on. No query once that is known."""
        roots = self.root_id.filtered("ar_dunning_active")
        return bool(roots and roots._get_ar_promising())

    def _get_ar_promising(self):
        """Return those of these root companies that have any promise."""
        known = self._get_ar_promising_ids()
        return self.filtered(lambda company: company.id in known)

    def _remember_ar_promises(self):
        """Forget that these root companies had no promise."""
        if self - self._get_ar_promising():
            self.env.registry.clear_cache()
