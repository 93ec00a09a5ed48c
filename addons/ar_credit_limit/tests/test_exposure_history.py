from odoo import fields
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestExposureProjection(CreditCommon):
    def test_months_of_the_due_dates(self):
        self.invoice(amount=10.0, due="2026-01-15")
        self.invoice(amount=20.0, due="2026-03-31")
        self.invoice(amount=40.0, due="2026-04-01")
        order = self.confirmed(80.0)
        order.commitment_date = "2026-05-20"
        self.env.flush_all()
        rows = self.env["ar.exposure.projection"].search(
            self.customer.action_open_ar_projection()["domain"]
        )
        found = {(str(row.month), row.bucket): row.amount for row in rows}
        self.assertEqual(
            found,
            {
                ("2026-03-01", "overdue"): 10.0,
                ("2026-03-01", "not_due"): 20.0,
                ("2026-04-01", "not_due"): 40.0,
                ("2026-05-01", "undelivered"): 80.0,
            },
        )
        self.assertEqual(sum(rows.mapped("amount")), self.customer.ar_exposure)

    def test_payment_terms_put_an_order_later(self):
        order = self.confirmed(80.0)
        order.payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "In 60 days",
                "line_ids": [
                    fields.Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 60}
                    )
                ],
            }
        )
        self.env.flush_all()
        line = self.env["ar.exposure.item"].search([("order_id", "=", order.id)])
        self.assertEqual(str(line.date_due), "2026-05-01")


@tagged("post_install", "-at_install")
class TestExposureSnapshot(CreditCommon):
    def test_rows_only_when_figures_change(self):
        self.invoice(amount=300.0)
        self.assertEqual(self.night(), [("2026-03-02", 300.0, 1000.0, 0.3)])
        with self.at("2026-03-03"):
            self.assertEqual(len(self.night()), 1, "nothing changed")
        with self.at("2026-03-04"):
            self.grant(amount=600.0)
            self.assertEqual(self.night()[0], ("2026-03-04", 300.0, 600.0, 0.5))
        self.assertEqual(len(self.snapshots()), 2)

    def test_the_same_night_twice_leaves_the_same(self):
        invoice = self.invoice(amount=300.0)
        self.night()
        self.pay(invoice, 100.0)
        self.assertEqual(self.night(), [("2026-03-02", 200.0, 1000.0, 0.2)])

    def test_who_owes_nothing_any_more_stands_at_zero(self):
        invoice = self.invoice(self.other_customer, amount=50.0)
        self.night()
        with self.at("2026-03-03"):
            self.pay(invoice, on="2026-03-03")
            self.night()
            newest = self.snapshots(self.other_customer)[:1]
            self.assertEqual((newest.exposure, str(newest.date)), (0.0, "2026-03-03"))
        with self.at("2026-03-04"):
            self.night()
            self.assertEqual(len(self.snapshots(self.other_customer)), 2)

    def test_old_days_are_thinned_out_to_months(self):
        for day in ("2026-01-05", "2026-01-20", "2026-02-10"):
            self.snapshots().sudo().create(
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": day,
                }
            )
        with self.at("2026-09-01"):
            self.night()
        days = [str(snapshot.date) for snapshot in self.snapshots()]
        self.assertNotIn("2026-01-05", days)
        self.assertIn("2026-01-20", days)
        self.assertIn("2026-02-10", days)

    def test_the_customer_opens_a_graph(self):
        self.invoice(amount=300.0)
        self.night()
        action = self.customer.action_open_ar_snapshots()
        self.assertTrue(action["view_mode"].startswith("graph"))
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.snapshots())

    def test_off_means_no_stage(self):
        stages = self.env["ar.run"]._get_stages()
        stage = next(s for s in stages if s.key == "exposure")
        self.assertTrue(stage.switch(self.company))
        self.company.ar_credit_limit_mode = "off"
        self.assertFalse(stage.switch(self.company))

    def night(self):
        self.env.flush_all()
        run = (
            self.env["ar.run"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "date": self.company._ar_today(),
                    "stage": "exposure",
                }
            )
        )
        self.assertEqual(run.env["ar.exposure.snapshot"]._run_nightly(run), 0)
        run.unlink()
        return [
            (str(row.date), row.exposure, row.credit_limit, round(row.utilization, 4))
            for row in self.snapshots()
        ]

    def snapshots(self, partner=None):
        return self.env["ar.exposure.snapshot"].search(
            [("commercial_partner_id", "=", (partner or self.customer).id)]
        )
