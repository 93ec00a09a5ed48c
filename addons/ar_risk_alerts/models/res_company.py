from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_risk_active = fields.Boolean(
        string="Risk Alerts",
        help="Evaluate the risk rules for this company and its branches every night "
        "and after payments. Switched off, its alerts are closed and what they stopped "
        "is free again.",
    )

    ar_risk_sets_class = fields.Boolean(
        string="Class by Score",
        help="Every night customers come into the class that their risk points make. "
        "What a credit manager decides, with a reason and until a day, comes first.",
    )
    ar_risk_class_margin = fields.Float(
        string="Margin of Classes",
        default=3.0,
        help="A customer leaves a class only by so many points, not to change it from "
        "night to night.",
    )
    ar_risk_minimum_confidence = fields.Float(
        string="Needed Confidence",
        default=30.0,
        help="In percent. With less, the points mean nothing yet: the customer is new "
        "and gets the class of new customers.",
    )
    ar_risk_new_class_id = fields.Many2one(
        "ar.risk.class",
        string="Class of New Customers",
        ondelete="set null",
        help="Empty: new customers get no class.",
    )
    ar_risk_new_review_days = fields.Integer(
        string="Review of New Customers",
        default=60,
        help="So many days after a new customer was first seen it is to be looked at.",
    )

    _ar_risk_bounds = models.Constraint(
        "CHECK (ar_risk_class_margin BETWEEN 0 AND 50"
        " AND ar_risk_minimum_confidence BETWEEN 0 AND 100"
        " AND ar_risk_new_review_days BETWEEN 1 AND 3660)",
        "The margin of classes goes from 0 to 50 points, the needed confidence from 0 "
        "to 100 %, and new customers are looked at after 1 to 3660 days.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "ar_risk_active" in vals and not vals["ar_risk_active"]:
            self._close_risk_alerts()
        return result

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_risk_active",
            "ar_risk_sets_class",
            "ar_risk_class_margin",
            "ar_risk_minimum_confidence",
            "ar_risk_new_class_id",
            "ar_risk_new_review_days",
        ]

    def _close_risk_alerts(self):
        alerts = self.env["ar.risk.alert"].sudo()
        alerts.search([("company_id", "in", self.ids), ("state", "=", "open")])._close(
            "switched_off"
        )
