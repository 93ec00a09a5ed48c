from datetime import date, timedelta

from .common import RiskCommon


class ScoreCommon(RiskCommon):
    """The classes of the suite, and customers with a past."""

    switches = {
        **RiskCommon.switches,
        "ar_dunning_active": True,
        "ar_dispute_active": True,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.low = cls.env.ref("ar_ledger.ar_risk_class_low")
        cls.medium = cls.env.ref("ar_ledger.ar_risk_class_medium")
        cls.high = cls.env.ref("ar_ledger.ar_risk_class_high")
        cls.insolvent = cls.env.ref("ar_ledger.ar_risk_class_insolvent")

    @classmethod
    def paid(cls, days_late, amount=100, due="2025-11-01", partner=None):
        """An invoice that was paid so many days after it was due; negative is early."""
        due_date = date.fromisoformat(due)
        issued = (due_date - timedelta(days=30)).isoformat()
        move = cls.invoice(partner, amount, date=issued, due=due)
        cls.pay(move, on=(due_date + timedelta(days=days_late)).isoformat())
        return move

    @classmethod
    def score_all(cls):
        cls.env["ar.risk.score"].sudo()._score_all(cls.company)
        cls.env.invalidate_all()

    @classmethod
    def score(cls, partner=None):
        return cls.env["ar.risk.score"].search(
            [
                ("commercial_partner_id", "=", (partner or cls.customer).id),
                ("company_id", "=", cls.company.id),
            ],
            limit=1,
        )
