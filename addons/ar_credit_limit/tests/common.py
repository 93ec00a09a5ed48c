from odoo import fields

from odoo.addons.ar_ledger.tests.common import ReceivablesCommon


class CreditCommon(ReceivablesCommon):
    """A company that holds orders, a customer with a limit of 1,000 and people."""

    switches = {**ReceivablesCommon.switches, "ar_credit_limit_mode": "hold"}

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        return groups | cls.quick_ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesperson = cls.new_user("salesperson", "sales_team.group_sale_salesman")
        cls.manager_2 = cls.new_user("manager_2", "ar_ledger.ar_ledger_group_manager")
        cls.customer.user_id = cls.salesperson
        cls.product = cls.env["product.product"].create(
            {
                "name": "Crate",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 100.0,
                "taxes_id": [fields.Command.clear()],
            }
        )
        cls.grant(amount=1000.0)

    @classmethod
    def grant(cls, partner=None, state="amount", amount=0.0, company=None, **kwargs):
        user = kwargs.pop("user", cls.user_manager)
        company = company or cls.company
        limits = cls.env["ar.credit.limit"].with_user(user).with_company(company)
        return limits._grant(
            partner or cls.customer,
            company,
            state,
            amount,
            kwargs.pop("reason", "Decided in the test"),
            **kwargs,
        )

    @classmethod
    def order(cls, amount=600.0, partner=None, **values):
        """Return a quotation of one line without taxes, by the salesperson."""
        company = values.pop("company", cls.company)
        quantity = values.pop("quantity", 1)
        product = values.pop("product", cls.product)
        line = values.pop("line", {})
        return (
            cls.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": (partner or cls.customer).id,
                    "company_id": company.id,
                    "user_id": cls.salesperson.id,
                    "order_line": [
                        fields.Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": amount / quantity,
                                "tax_ids": False,
                                **line,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def confirmed(cls, amount=600.0, partner=None, **values):
        order = cls.order(amount, partner, **values)
        order.action_confirm()
        assert order.state == "sale", order.ar_credit_hold_id.reasons_text
        return order

    @classmethod
    def held(cls, amount=1500.0, partner=None, **values):
        order = cls.order(amount, partner, **values)
        order.with_user(cls.salesperson).action_confirm()
        assert order.ar_credit_state == "held"
        return order

    @classmethod
    def exposure(cls, partner=None, company=None):
        partner = partner or cls.customer
        found = partner._get_exposure(company or cls.company)
        return found[partner.id].total if found else 0.0

    @classmethod
    def events(cls, kind, partner=None):
        return cls.env["ar.event"].search(
            [
                ("kind", "=", kind),
                ("commercial_partner_id", "=", (partner or cls.customer).id),
            ]
        )

    def recheck(self):
        """Do what the triggered action does with the queue."""
        with self.enter_registry_test_mode():
            self.env.ref("ar_credit_limit.ir_cron_recheck").method_direct_trigger()
        self.env.invalidate_all()
