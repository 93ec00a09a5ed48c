from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

GROUP_VIEWER = "ar_ledger.ar_ledger_group_viewer"


class ArCreditSubstitute(models.Model):
    """Who decides on holds in whose place, from a day until a day.

    Authority is lent once: a substitute's substitute has none of it.
    """

    _name = "ar.credit.substitute"
    _description = "Substitute for Credit Decisions"
    _order = "date_from desc, id desc"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Whose authority is lent.",
    )
    substitute_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
        help="Decides in their place, as far as their authority goes, and is asked for "
        "releases. Needs to see all customers: role Viewer or more.",
    )
    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
        help="Empty: in all companies that both work in.",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._ar_today(),
    )
    date_until = fields.Date(string="Until", required=True, help="The last day.")
    note = fields.Char()

    @api.depends("user_id", "substitute_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                "%(substitute)s for %(absent)s",
                substitute=row.substitute_id.display_name,
                absent=row.user_id.display_name,
            )

    @api.constrains("user_id", "substitute_id", "date_from", "date_until")
    def _check_substitute(self):
        for row in self:
            if row.date_until < row.date_from:
                raise ValidationError(
                    self.env._("A substitution cannot end before it begins.")
                )
            if row.user_id == row.substitute_id:
                raise ValidationError(self.env._("Nobody stands in for themselves."))
            if not row.substitute_id.has_group(GROUP_VIEWER):
                raise ValidationError(
                    self.env._(
                        "%(substitute)s does not see all customers: give them the role "
                        "Viewer before.",
                        substitute=row.substitute_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_own_authority()
        rows._log(self.env._("Substitute named"))
        return rows

    def write(self, vals):
        result = super().write(vals)
        self._check_own_authority()
        self._log(self.env._("Substitution changed"))
        return result

    def _check_own_authority(self):
        """Nobody takes somebody else's authority: it is lent by its holder, or by who
        administers users."""
        may_for_all = self.env.su or self.env.user.has_group("base.group_system")
        if not may_for_all and self.user_id - self.env.user:
            raise AccessError(
                self.env._("You name substitutes for yourself, not for others.")
            )

    def unlink(self):
        self._log(self.env._("Substitution taken back"))
        return super().unlink()

    def _log(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_authority",
                    "partner": self.env["res.partner"],
                    "company": row.company_id or self.env.company.root_id,
                    "text": f"{text}: {row.display_name}",
                    "figures": {
                        "from": fields.Date.to_string(row.date_from),
                        "until": fields.Date.to_string(row.date_until),
                    },
                    "source": row,
                }
                for row in self.sudo()
            ]
        )

    @api.model
    def _get_today_domain(self, company):
        today = company.root_id._ar_today()
        return Domain(
            [
                ("company_id", "in", (False, company.root_id.id)),
                ("date_from", "<=", today),
                ("date_until", ">=", today),
            ]
        )

    @api.model
    def _get_represented(self, user, company):
        """Return the users in whose place a user decides today."""
        rows = self.sudo().search(
            self._get_today_domain(company) & Domain("substitute_id", "=", user.id)
        )
        return rows.user_id.filtered(
            lambda absent: (
                absent.active and company.root_id in absent.company_ids.root_id
            )
        )

    @api.model
    def _get_substitutes(self, users, company):
        """Return who decides in the place of these users today."""
        rows = self.sudo().search(
            self._get_today_domain(company) & Domain("user_id", "in", users.ids)
        )
        return rows.substitute_id.filtered(
            lambda user: user.active and company.root_id in user.company_ids.root_id
        )
