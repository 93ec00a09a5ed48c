from odoo.addons.ar_credit_limit.tests.common import CreditCommon


class RiskCommon(CreditCommon):
    """Risk alerts switched on; the credit check of ``company`` holds.

    ``rule``: more than 1,000 that is more than 30 days overdue stops deliveries; at 500
    or less it closes. Today is 2 March 2026, so that an invoice due on 1 January is 60
    days overdue.
    """

    switches = {**CreditCommon.switches, "ar_risk_active": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("ar_risk_alerts.ar_risk_rule_overdue")
        cls.rule.write(
            {
                "active": True,
                "open_days": 30,
                "open_amount": 1000,
                "close_days": 0,
                "close_amount": 500,
                "action": "stop_deliveries",
            }
        )
        others = cls.env["ar.risk.rule"].search([("id", "!=", cls.rule.id)])
        others.active = False

    @classmethod
    def overdue(cls, amount=1200, partner=None, due="2026-01-01", **values):
        return cls.invoice(partner, amount, date="2025-12-01", due=due, **values)

    @classmethod
    def evaluate(cls, partners=None, company=None):
        return cls.rule.sudo()._evaluate(company or cls.company, partners)

    @classmethod
    def alerts(cls, partner=None, **values):
        domain = [("commercial_partner_id", "=", (partner or cls.customer).id)]
        domain += [(name, "=", value) for name, value in values.items()]
        cls.env.invalidate_all()
        return cls.env["ar.risk.alert"].search(domain)

    @classmethod
    def open_alert(cls, partner=None):
        return cls.alerts(partner, state="open")

    @classmethod
    def hold(cls, alert):
        return alert._get_holds()[alert.id]
