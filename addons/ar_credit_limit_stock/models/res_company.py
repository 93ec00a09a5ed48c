from odoo import api, fields, models
from odoo.fields import Domain

#: What decides which transfers are held, and what becomes of their goods.
DELIVERY_FIELDS = {
    "ar_credit_limit_mode",
    "ar_delivery_reservation",
    "ar_delivery_step",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_delivery_step = fields.Selection(
        [
            ("first", "From the first step on"),
            ("last", "The last step only"),
        ],
        string="Held Step of Deliveries",
        required=True,
        default="last",
        help="Deliveries in several steps (pick, pack, ship) of a stopped customer.\n"
        "From the first step on: nothing is picked, and what is picked already does "
        "not leave.\n"
        "The last step only: goods are picked and packed, and wait at the door.",
    )
    ar_delivery_reservation = fields.Selection(
        [
            ("keep", "Keep"),
            ("give_back", "Give back"),
        ],
        string="Reservation of Held Deliveries",
        required=True,
        default="keep",
        help="Keep: the goods stay reserved until the delivery is let go.\n"
        "Give back: other customers may get the goods; they are reserved anew when the "
        "delivery is let go. What is picked already stays picked.",
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_delivery_step",
            "ar_delivery_reservation",
        ]

    def write(self, vals):
        """Open transfers are marked anew when what decides on them changes."""
        if not DELIVERY_FIELDS.intersection(vals):
            return super().write(vals)
        before = {company: company._get_delivery_settings() for company in self}
        gave_back = self.filtered(lambda company: company._gives_back_reservation())
        result = super().write(vals)
        self.filtered(
            lambda company: company._get_delivery_settings() != before[company]
        )._mark_deliveries()
        gives_back = self.filtered(lambda company: company._gives_back_reservation())
        (gives_back - gave_back)._get_held_deliveries()._give_back_reservation()
        (gave_back - gives_back)._get_held_deliveries()._reserve_again()
        return result

    def _get_delivery_settings(self):
        self.ensure_one()
        return self._holds_orders(), self._holds_first_step()

    def _holds_first_step(self):
        return self.sudo().ar_delivery_step == "first"

    def _gives_back_reservation(self):
        return self.sudo().ar_delivery_reservation == "give_back"

    def _checks_transfers(self):
        """Return whether a policy checks transfers, so that they may be held although
        nobody stopped the customer or the order."""
        self.ensure_one()
        policies = self.env["ar.credit.policy"]._get_rules(self.root_id.id)
        return any(policy.get_checks("transfer") for policy in policies)

    def _get_held_deliveries(self):
        """Return the open transfers of these companies and their branches that are
        marked as held."""
        pickings = self.env["stock.picking"].sudo()
        held = Domain("ar_delivery_state", "=", "held")
        for company in self.root_id:
            pickings |= pickings.search(pickings._get_open_domain(company) & held)
        return pickings

    def _mark_deliveries(self):
        """Mark all open transfers of these companies anew: those that are stopped, and
        those that were."""
        self._get_held_deliveries()._mark_delivery_state()
        pickings = self.env["stock.picking"].sudo()
        Hold = self.env["ar.credit.hold"].sudo()
        for company in self.root_id:
            if company._checks_transfers():
                pickings.search(
                    pickings._get_stoppable_domain(None, company)
                )._mark_delivery_state()
            else:
                Hold.search(Hold._get_delivery_stop_domain(company))._mark_deliveries()
