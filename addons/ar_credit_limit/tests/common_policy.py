from odoo import fields

from .common import CreditCommon


class PolicyCommon(CreditCommon):
    """The company of the credit tests, with policies."""

    @classmethod
    def policy(cls, *checks, company=None, **values):
        """Return a new policy.

        :param checks: dicts of the values of its checks; none: the standard ones
        """
        if checks:
            values["check_ids"] = [fields.Command.create(check) for check in checks]
        company = company or cls.company
        return cls.env["ar.credit.policy"].create({"company_id": company.id, **values})

    @classmethod
    def set_class(cls, risk_class, partner=None, company=None):
        partner = (partner or cls.customer).with_company(company or cls.company)
        partner.ar_risk_class_id = risk_class

    @classmethod
    def codes(cls, order, checkpoint="confirm"):
        return [v.code for v in order._get_credit_violations(checkpoint)]

    @classmethod
    def term(cls, days, discount=0.0):
        return cls.env["account.payment.term"].create(
            {
                "name": f"{days} days",
                "early_discount": bool(discount),
                "discount_percentage": discount,
                "line_ids": [
                    fields.Command.create(
                        {"value": "percent", "value_amount": 100.0, "nb_days": days}
                    )
                ],
            }
        )

    def confirm(self, order):
        """Confirm an order as its salesperson and return (state, credit state)."""
        order.with_user(self.salesperson).action_confirm()
        return order.state, order.ar_credit_state
