"""What a customer owes or will owe: exposure by bucket, and where it comes from."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.exposure import BUCKET_KEYS, NO_EXPOSURE, ORDERED_BUCKETS, Exposure

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_exposure = fields.Monetary(
        string="Exposure",
        compute="_compute_ar_exposure",
        search="_search_ar_exposure",
        groups=GROUP_OWN,
        help="All that weighs on the credit of this customer: what is open, what is "
        "ordered and not invoiced, and what else the company counts.",
    )
    ar_exposure_tested = fields.Monetary(
        string="Exposure Tested",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="What is compared with the limit: the exposure, less what is in dispute "
        "where the company leaves that out.",
    )
    ar_exposure_not_due = fields.Monetary(
        string="Open, Not Due",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Open items that are not overdue.",
    )
    ar_exposure_overdue = fields.Monetary(
        string="Overdue After Margin",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Open items past their due date and the company's margin days.",
    )
    ar_exposure_returned = fields.Monetary(
        string="Returned Payments",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Open items whose payment was rejected or came back.",
    )
    ar_exposure_unapplied = fields.Monetary(
        string="Unapplied Payments and Credits",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Payments and credit notes that are not matched with invoices yet.",
    )
    ar_exposure_draft = fields.Monetary(
        string="Draft Invoices",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Draft invoices, less what they invoice of confirmed orders.",
    )
    ar_exposure_undelivered = fields.Monetary(
        string="Ordered, Not Delivered",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Ordered and neither delivered nor invoiced, taxes included.",
    )
    ar_exposure_delivered = fields.Monetary(
        string="Delivered, Not Invoiced",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Delivered and not on a posted invoice, taxes included.",
    )
    ar_exposure_uncleared = fields.Monetary(
        string="Payments Not Cleared",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Payments by cheque, draft and the like that the bank has not paid yet.",
    )
    ar_exposure_quotations = fields.Monetary(
        string="Sent Quotations",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Sent quotations, with the percentage that the company chose.",
    )
    ar_exposure_disputed = fields.Monetary(
        string="Disputed",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="The part of the open items that is in dispute.",
    )
    ar_ordered = fields.Monetary(
        string="Ordered, Not Invoiced",
        compute="_compute_ar_exposure",
        groups=GROUP_OWN,
        help="Confirmed orders that are not invoiced yet, delivered or not, taxes "
        "included.",
    )
    ar_credit_exclusion = fields.Char(
        string="Not Checked Because",
        compute="_compute_ar_credit_exclusion",
        groups=GROUP_OWN,
        help="Why no credit check ever looks at this customer.",
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id", "user_id")
    def _compute_ar_exposure(self):
        customers = self._get_ar_visible().commercial_partner_id._origin
        exposures = customers._get_exposure(self.env.company)
        for partner in self:
            customer_id = partner.commercial_partner_id._origin.id
            exposure = exposures.get(customer_id, NO_EXPOSURE)
            partner.ar_exposure = exposure.total
            partner.ar_exposure_tested = exposure.tested
            partner.ar_ordered = exposure.ordered
            for name in (*BUCKET_KEYS, "disputed"):
                partner[f"ar_exposure_{name}"] = getattr(exposure, name)

    def _search_ar_exposure(self, operator, value):
        return self._search_ar_figure("exposure", 0.0, operator, value)

    @api.depends_context("company", "uid", "lang")
    @api.depends("commercial_partner_id")
    def _compute_ar_credit_exclusion(self):
        for partner in self:
            partner.ar_credit_exclusion = partner._get_credit_exclusion(
                self.env.company
            )

    def write(self, vals):
        result = super().write(vals)
        if not {"parent_id", "is_company"}.isdisjoint(vals):
            self._forget_group_partners()
        return result

    def _forget_group_partners(self):
        """A company's own partner may have got another commercial partner."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        if companies.search_count([("partner_id", "child_of", self.ids)], limit=1):
            self.env.registry.clear_cache()

    def _get_exposure(self, company, by_bucket=True):
        """Return {commercial partner id: Exposure} in the root company's currency.

        One query, whatever the number of customers; the exchange rates of the day come
        on top where the company sums over the group. No access check: callers decide
        whose figures the user may see.

        :param company: res.company; its whole root tree counts
        :param bool by_bucket: without it the open items stand in one bucket and so does
            what is ordered, which is faster for a few customers: only ``open_items``,
            ``ordered``, ``total`` and ``tested`` tell anything
        :return: only customers with anything that weighs
        """
        if not self:
            return {}
        company = company.root_id
        items = self.env["ar.exposure.item"].sudo()
        items._flush_sources()
        setups = self.env["res.company"]._ar_exposure_setups()
        leaves_out = setups[company.id].without_disputed
        return {
            partner_id: Exposure(
                *(float(figure or 0) for figure in figures), leaves_out
            )
            for partner_id, *figures in items._get_totals(self, company, by_bucket)
        }

    def _get_credit_exclusion(self, company):
        """Return why this customer is out of every credit check, as a sentence; an
        empty text where it is not. Hook: floors above add reasons."""
        if not self:
            return self.env._("There is no customer whose credit could be checked.")
        customer = self.commercial_partner_id._origin
        if customer.id in self.env["res.company"]._ar_group_partner_ids():
            return self.env._(
                "%(customer)s belongs to the own group: its credit is not checked.",
                customer=customer.display_name,
            )
        return ""

    def action_open_ar_exposure(self):
        """Drill down: the document lines behind a figure, or behind all of them.

        The button tells the bucket by its context.
        """
        self.ensure_one()
        bucket = self.env.context.get("ar_exposure_bucket")
        return self._get_exposure_action([bucket] if bucket in BUCKET_KEYS else ())

    def action_open_ar_disputed(self):
        """Drill down: the items in dispute."""
        action = self._get_exposure_action()
        action["domain"].append(("amount_disputed", "!=", 0))
        return action

    def action_open_ar_ordered_items(self):
        """Drill down: what is ordered and not invoiced."""
        self.ensure_one()
        return self._get_exposure_action(ORDERED_BUCKETS)

    def action_open_ar_projection(self):
        """What of this customer's exposure falls due in which month."""
        self.ensure_one()
        companies = self.env["ar.exposure.item"]._get_summed_companies(self.env.company)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_credit_limit.ar_exposure_projection_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "in", companies.ids),
        ]
        action["context"] = {}
        return action

    def action_open_ar_snapshots(self):
        """Exposure, limit and utilisation of this customer over time."""
        self.ensure_one()
        return self._get_ar_credit_action(
            "ar_credit_limit.ar_exposure_snapshot_action", "company_id"
        )

    def _get_exposure_action(self, buckets=()):
        """Return the action on the lines behind the figures of this customer.

        :param buckets: keys of ``tools/exposure.py``; all if empty
        """
        self.ensure_one()
        if not self._get_ar_visible():
            raise AccessError(
                self.env._("You see the figures of your own customers only.")
            )
        companies = self.env["ar.exposure.item"]._get_summed_companies(self.env.company)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_credit_limit.ar_exposure_item_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("root_company_id", "in", companies.ids),
        ]
        if buckets:
            action["domain"].append(("bucket", "in", list(buckets)))
        if len(buckets) == 1:
            field = self.env["ar.exposure.item"]._fields["bucket"]
            labels = dict(field._description_selection(self.env))
            action["name"] = labels[buckets[0]]
        action["context"] = {
            **({} if buckets else {"search_default_group_bucket": 1}),
            **({"ar_counts_group": True} if len(companies) > 1 else {}),
        }
        return action
