import operator

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .ar_link import PAGE_PURPOSE
from .ar_position import NO_POSITION

GROUP_OWN = "ar_ledger.ar_ledger_group_own"
GROUP_VIEWER = "ar_ledger.ar_ledger_group_viewer"
GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"
GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"
#: What is kept on the root company is written through its public twin only.
ROOT_PREFIX = "ar_root_"

#: Comparisons that a figure can be searched with, to tell whether a customer without
#: any position (all figures zero) is among the matches.
COMPARISONS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda figure, values: figure in values,
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_total_due = fields.Monetary(
        string="Total Due",
        compute="_compute_ar_position",
        search="_search_ar_total_due",
        groups=GROUP_OWN,
        help="All that is open, less unapplied payments and credits.",
    )
    ar_total_overdue = fields.Monetary(
        string="Overdue",
        compute="_compute_ar_position",
        search="_search_ar_total_overdue",
        groups=GROUP_OWN,
        help="Open debit items past their due date, before unapplied credits.",
    )
    ar_oldest_due_date = fields.Date(
        string="Oldest Due Date",
        compute="_compute_ar_position",
        search="_search_ar_oldest_due_date",
        groups=GROUP_OWN,
    )
    ar_days_overdue = fields.Integer(
        string="Days Overdue",
        compute="_compute_ar_position",
        search="_search_ar_days_overdue",
        groups=GROUP_OWN,
        help="Of the oldest overdue item.",
    )
    ar_root_collector_id = fields.Many2one(
        "res.users",
        string="Collector of the Root Company",
        company_dependent=True,
        groups=GROUP_OWN,
        help="Where the collector is kept: on the root company. Use Collector.",
    )
    ar_root_risk_class_id = fields.Many2one(
        "ar.risk.class",
        string="Risk Class of the Root Company",
        company_dependent=True,
        groups=GROUP_OWN,
        help="Where the risk class is kept: on the root company. Use Risk Class.",
    )
    ar_collector_id = fields.Many2one(
        "res.users",
        string="Collector",
        compute="_compute_ar_root_values",
        inverse="_inverse_ar_collector_id",
        search="_search_ar_collector_id",
        domain="[('share', '=', False)]",
        groups=GROUP_OWN,
        help="Who chases this customer. The same for all branches of a company.",
    )
    ar_risk_class_id = fields.Many2one(
        "ar.risk.class",
        string="Risk Class",
        compute="_compute_ar_root_values",
        inverse="_inverse_ar_risk_class_id",
        search="_search_ar_risk_class_id",
        groups=GROUP_OWN,
        help="How likely this customer pays late. The same for all branches of a "
        "company.",
    )
    ar_ledger_active = fields.Boolean(
        compute="_compute_ar_ledger_active", groups=GROUP_OWN
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id", "user_id")
    def _compute_ar_position(self):
        customers = self._get_ar_visible().commercial_partner_id._origin
        positions = self.env["ar.position"]._get_positions(customers, self.env.company)
        for partner in self:
            customer = partner.commercial_partner_id
            position = positions.get(customer._origin.id, NO_POSITION)
            partner.ar_total_due = position.total_due
            partner.ar_total_overdue = position.total_overdue
            partner.ar_oldest_due_date = position.oldest_due_date
            partner.ar_days_overdue = position.days_overdue

    def _search_ar_total_due(self, operator, value):
        return self._search_ar_figure("total_due", 0.0, operator, value)

    def _search_ar_total_overdue(self, operator, value):
        return self._search_ar_figure("total_overdue", 0.0, operator, value)

    def _search_ar_days_overdue(self, operator, value):
        return self._search_ar_figure("days_overdue", 0, operator, value)

    def _search_ar_oldest_due_date(self, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        if operator == "in" and False in value:
            return ~Domain(self._search_ar_days_overdue(">", 0))
        return self._search_ar_positions(Domain("oldest_due_date", operator, value))

    @api.depends_context("company")
    @api.depends("commercial_partner_id")
    def _compute_ar_root_values(self):
        for partner in self:
            customer = partner._get_ar_customer_at_root()
            partner.ar_collector_id = customer.ar_root_collector_id
            partner.ar_risk_class_id = customer.ar_root_risk_class_id

    def _inverse_ar_collector_id(self):
        for partner in self:
            collector = partner.ar_collector_id
            partner._write_ar_root_value(
                "ar_root_collector_id", collector, GROUP_COLLECTOR
            )
            partner._log_ar_change("collector", collector)

    def _inverse_ar_risk_class_id(self):
        for partner in self:
            risk_class = partner.ar_risk_class_id
            partner._write_ar_root_value(
                "ar_root_risk_class_id", risk_class, GROUP_MANAGER
            )
            partner._log_ar_change("class", risk_class)

    def _search_ar_collector_id(self, operator, value):
        return self._search_ar_root_value("ar_root_collector_id", operator, value)

    def _search_ar_risk_class_id(self, operator, value):
        return self._search_ar_root_value("ar_root_risk_class_id", operator, value)

    @api.depends_context("company")
    def _compute_ar_ledger_active(self):
        self.ar_ledger_active = self.env.company.ar_ledger_active

    @api.model_create_multi
    def create(self, vals_list):
        names = {key.removeprefix("default_") for key in self.env.context}
        self._check_no_root_values(names.union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_no_root_values(vals)
        result = super().write(vals)
        if "tz" in vals and self.sudo().ref_company_ids:
            # res.company._ar_timezones() remembers it.
            self.env.registry.clear_cache()
        return result

    def action_open_ar_items(self):
        """Drill down: the open items of this customer in the current company tree."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_ledger.ar_open_item_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("root_company_id", "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action

    def action_open_ar_events(self):
        """The customer's timeline: all that was decided and done."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_ledger.ar_event_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id)
        ]
        return action

    def _get_ar_visible(self):
        """Return the customers whose figures the user may see: all of them for
        viewers, the own ones for the others."""
        if self.env.su or self.env.user.has_group("ar_ledger.ar_ledger_group_viewer"):
            return self
        return self.filtered(lambda p: p.commercial_partner_id.user_id == self.env.user)

    def _check_no_root_values(self, names):
        if not self.env.su and any(name.startswith(ROOT_PREFIX) for name in names):
            raise AccessError(
                self.env._(
                    "What is kept on the root company is not written directly: set the "
                    "collector, the risk class or the scenario of the customer."
                )
            )

    def _write_ar_root_value(self, name, value, group):
        """Keep a decision about this customer on the root company.

        :param str name: a field whose name begins with :data:`ROOT_PREFIX`
        :param value: what the public twin of that field was set to
        :param str group: external id of the role that decides it
        :raise AccessError: the user does not have the role
        """
        if not self.env.su and not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Only a %(role)s decides that for %(customer)s.",
                    role=self.env.ref(group).sudo().name,
                    customer=self.display_name,
                )
            )
        self._get_ar_customer_at_root().sudo()[name] = value

    def _get_ar_customer_at_root(self):
        self.ensure_one()
        return self.commercial_partner_id.with_company(self.env.company.root_id)

    def _log_ar_change(self, kind, value):
        self.env["ar.event"]._log(
            kind,
            self,
            self.env.company.root_id,
            self.env._("Now: %(value)s", value=value.display_name or "-"),
            source=self.commercial_partner_id,
        )

    def _search_ar_figure(self, column, empty, operator, value):
        """Search a figure that is ``empty`` for customers without open items."""
        compare = COMPARISONS.get(operator)
        if not compare:
            return NotImplemented
        matches = Domain(column, operator, value)
        if compare(empty, value):
            return ~Domain(self._search_ar_positions(~matches))
        return self._search_ar_positions(matches)

    def _search_ar_positions(self, domain):
        # The record rules of the user apply: others' customers are never found.
        of_root = Domain("company_id", "=", self.env.company.root_id.id)
        query = self.env["ar.position"]._search(of_root & domain)
        customers = query.subselect(
            SQL.identifier(query.table, "commercial_partner_id")
        )
        return Domain("commercial_partner_id", "in", customers)

    def _search_ar_root_value(self, name, operator, value):
        at_root = self.with_company(self.env.company.root_id)
        customers = at_root._search([(name, operator, value)])
        return Domain("commercial_partner_id", "in", customers)

    # -- The page that the customer sees -----------------------------------------------

    def _issue_ar_account_url(self, company):
        """Issue a link to the account page for a contact. No access check: the caller
        sends it to nobody else.

        :param company: root res.company
        :return: the address, or None where the company shows no page
        """
        self.ensure_one()
        if not company.ar_account_page_active or not self.email:
            return None
        _link, token = self.env["ar.link"]._issue(
            PAGE_PURPOSE, self, company, self.email, company.ar_account_page_days
        )
        return f"{self.get_base_url()}/ar/account/{token}"
