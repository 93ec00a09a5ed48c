from datetime import timedelta

from odoo import api, fields, models

from .res_partner import GROUP_OWN

#: A class that is set on the customer is a decision for so many days.
DECIDED_DAYS = 365


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_risk_score_id = fields.Many2one(
        "ar.risk.score",
        string="Risk Score",
        compute="_compute_ar_risk_score",
        groups=GROUP_OWN,
    )
    ar_risk_points = fields.Float(
        string="Risk Points",
        compute="_compute_ar_risk_score",
        digits=(5, 1),
        groups=GROUP_OWN,
        help="From 0, no risk, to 100.",
    )
    ar_risk_confidence = fields.Float(
        string="Confidence",
        compute="_compute_ar_risk_score",
        groups=GROUP_OWN,
        help="How much of what counts is known of this customer.",
    )
    ar_risk_class_source = fields.Selection(
        selection=lambda self: (
            self.env["ar.risk.score"]._fields["class_source"].selection
        ),
        string="Class Comes From",
        compute="_compute_ar_risk_score",
        groups=GROUP_OWN,
    )
    ar_risk_review_date = fields.Date(
        string="Review of the Class", compute="_compute_ar_risk_score", groups=GROUP_OWN
    )
    ar_risk_lines_html = fields.Html(
        string="Every Point Explained",
        compute="_compute_ar_risk_lines_html",
        sanitize=False,
        groups=GROUP_OWN,
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id", "user_id")
    def _compute_ar_risk_score(self):
        scores = self._get_ar_risk_scores()
        none = self.env["ar.risk.score"]
        for partner in self:
            score = scores.get(partner.commercial_partner_id._origin.id, none)
            partner.ar_risk_score_id = score
            partner.ar_risk_points = score.points
            partner.ar_risk_confidence = score.confidence
            partner.ar_risk_class_source = score.class_source
            partner.ar_risk_review_date = score.review_date

    def _get_ar_risk_scores(self):
        """Return {customer id: last score in the current root company}, in two
        queries."""
        if not self.env.company.ar_risk_active:
            return {}
        customers = self._get_ar_visible().commercial_partner_id._origin
        scores = self.env["ar.risk.score"].search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "=", self.env.company.root_id.id),
            ],
            order="date, id",
        )
        return {score.commercial_partner_id.id: score for score in scores}

    @api.depends_context("company", "uid", "lang")
    @api.depends("ar_risk_score_id")
    def _compute_ar_risk_lines_html(self):
        for partner in self:
            partner.ar_risk_lines_html = partner.ar_risk_score_id.lines_html

    def _inverse_ar_risk_class_id(self):
        """Where the score sets the class, another one is a decision against it: kept,
        with its last day, instead of being overwritten the next night."""
        result = super()._inverse_ar_risk_class_id()
        company = self.env.company.root_id
        if company.ar_risk_sets_class:
            self._decide_ar_risk_class(company)
        return result

    def _decide_ar_risk_class(self, company):
        overrides = self.env["ar.risk.override"]
        until = company._ar_today() + timedelta(days=DECIDED_DAYS)
        for customer in self.commercial_partner_id:
            risk_class = customer.ar_risk_class_id
            if risk_class:
                reason = self.env._("Set on the customer")
                overrides._decide(customer, company, risk_class, reason, until)
            else:
                overrides._get_running(company, customer).action_end()

    def action_override_ar_risk_class(self):
        """Ask for class, reason and last day."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide on the Class"),
            "res_model": "ar.risk.override.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_commercial_partner_id": self.commercial_partner_id.id},
        }

    def action_open_ar_risk_scores(self):
        """The history of the score."""
        return self._open_ar_risk("ar_risk_alerts.ar_risk_score_action")

    def action_open_ar_risk_overrides(self):
        """What was decided about the class."""
        return self._open_ar_risk("ar_risk_alerts.ar_risk_override_action")

    def _open_ar_risk(self, xmlid):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action
