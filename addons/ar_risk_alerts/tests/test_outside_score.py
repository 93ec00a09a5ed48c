from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestOutsideScore(RiskCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agency = cls.env["ar.risk.outside.source"].create(
            {
                "name": "Agency",
                "lowest": 100,
                "highest": 600,
                "valid_days": 90,
                "higher_is_better": False,
            }
        )

    def outside(self, value=350, day="2026-02-01", partner=None, **values):
        return (
            self.env["ar.risk.outside.score"]
            .with_user(self.user_collector)
            .create(
                {
                    "commercial_partner_id": (partner or self.customer).id,
                    "company_id": self.company.id,
                    "source_id": self.agency.id,
                    "date": day,
                    "value": value,
                    **values,
                }
            )
        )

    def figure(self, day=date(2026, 3, 2)):
        found = self.env["ar.risk.figures"]._get_figures(self.company, day)
        return found.get(self.customer.id, {}).get("outside_score")

    def test_on_our_scale(self):
        for value, better, risk in (
            (100, False, 0),
            (600, False, 100),
            (350, False, 50),
            (100, True, 100),
        ):
            with self.subTest(value=value, better=better):
                self.agency.higher_is_better = better
                outside = self.outside(value)
                self.assertEqual(outside.risk, risk)
                self.assertEqual(self.figure().value, risk)
                outside.unlink()

    def test_off_the_scale_is_refused(self):
        for value in (99.9, 600.1, -1):
            with (
                self.subTest(value),
                self.assertRaisesRegex(ValidationError, "from 100 to 600"),
            ):
                self.outside(value)

    def test_a_day_to_come_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "a day to come"):
            self.outside(day="2026-03-03")

    def test_a_contact_is_refused(self):
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id}
        )
        with self.assertRaisesRegex(ValidationError, "belongs to the customer"):
            self.outside(partner=contact)

    def test_stale_ones_count_no_more(self):
        outside = self.outside(day="2025-12-02")  # valid until 2 March
        self.assertFalse(outside.is_stale)
        self.assertTrue(self.figure())
        with self.at("2026-03-03"):
            self.assertTrue(outside.is_stale)
            self.assertFalse(self.figure(date(2026, 3, 3)))
            stale = self.env["ar.risk.outside.score"].search([("is_stale", "=", True)])
            self.assertIn(outside, stale.with_env(outside.env))

    def test_the_last_of_the_first_source_counts(self):
        second = self.agency.copy({"name": "Insurer", "sequence": 20})
        self.outside(200, "2026-02-01")
        self.outside(300, "2026-02-10")
        self.outside(600, "2026-03-01", source_id=second.id)
        self.assertEqual(self.figure().value, 40)
        self.agency.active = False
        self.assertEqual(self.figure().value, 100)

    def test_import_from_a_file(self):
        rows = [
            ["commercial_partner_id/.id", "source_id", "date", "value"],
            [str(self.customer.id), "Agency", "2026-02-01", "450"],
        ]
        scores = self.env["ar.risk.outside.score"].with_user(self.user_collector)
        result = scores.load(rows[0], rows[1:])
        self.assertFalse(result["messages"])
        self.assertEqual(self.figure().value, 70)
        wrong = scores.load(
            rows[0], [[str(self.customer.id), "Agency", "2026-02-01", "9"]]
        )
        self.assertIn("outside the scale", wrong["messages"][0]["message"])
