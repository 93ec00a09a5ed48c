"""Holds and exemptions of customers that become part of another one."""

from odoo import models

from .ar_credit_hold import STANDING_STATES


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        if not vals.keys() & {"parent_id", "is_company"}:
            return super().write(vals)
        before = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        for partner, customer in before.items():
            if partner.commercial_partner_id != customer:
                partner._take_holds_along(customer)
        return result

    def action_stop_credit(self):
        """Ask why, and stop orders or deliveries of these customers."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Stop Customer"),
            "res_model": "ar.credit.stop",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_ids": self.commercial_partner_id.ids,
                "default_company_id": self.env.company.root_id.id,
            },
        }

    def action_exempt_from_credit_checks(self):
        """Ask why and until when this customer is not to be held."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Exempt from Credit Checks"),
            "res_model": "ar.credit.exemption.grant",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_partner_id": self.commercial_partner_id.id,
                "default_company_id": self.env.company.root_id.id,
            },
        }

    def action_open_credit_holds(self):
        """Drill down: what is and was held, the newest first."""
        self.ensure_one()
        return self._get_ar_credit_action(
            "ar_credit_limit.ar_credit_hold_action", "company_id"
        )

    def _take_holds_along(self, customer):
        """Who pays for this contact is somebody else now: the stops of a customer
        that is none any more go on at the new one, so that none is lost; exemptions of
        the customer as a whole end; held orders are looked at again.

        :param customer: res.partner who paid until now
        """
        self.ensure_one()
        payer = self.commercial_partner_id
        holds = self.env["ar.credit.hold"].sudo()
        holds = holds.search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("state", "in", (*STANDING_STATES, "released")),
            ]
        )
        if self == customer:
            self._hand_members_over(payer)
            holds.filtered(lambda hold: hold.scope != "order")._move_to(payer)
            exemptions = self.env["ar.credit.exemption"].sudo()
            exemptions.search(
                [
                    ("commercial_partner_id", "=", customer.id),
                    ("state", "=", "granted"),
                ]
            )._move_to(payer)
        for company in holds.company_id:
            self.env["ar.recheck"]._add((customer | payer).ids, company)
