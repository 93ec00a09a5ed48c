from datetime import date

from odoo.tests import tagged

from .score_common import ScoreCommon

TODAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestScore(ScoreCommon):
    def figures(self, partner=None, day=TODAY, grace=0):
        found = self.env["ar.risk.figures"]._get_figures(self.company, day, grace)
        return found.get((partner or self.customer).id, {})

    def line(self, kind, partner=None):
        lines = self.score(partner).lines
        return next(line for line in lines if line["key"] == kind)

    def test_days_late_weigh_by_amount(self):
        self.paid(0, amount=300)
        self.paid(20, amount=100)
        figure = self.figures()["days_late"]
        self.assertEqual((figure.value, figure.evidence), (5.0, 2))

    def test_what_pays_early_does_not_make_up_for_what_is_late(self):
        self.paid(-20)
        self.paid(20)
        self.assertEqual(self.figures()["days_late"].value, 10.0)

    def test_what_is_overdue_counts_to_the_day(self):
        self.invoice(amount=100, date="2025-12-01", due="2026-02-10")
        self.assertEqual(self.figures()["days_late"].value, 20.0)
        later = self.figures(day=date(2026, 3, 12))
        self.assertEqual(later["days_late"].value, 30.0)

    def test_a_payment_in_parts(self):
        move = self.invoice(amount=100, date="2025-10-01", due="2025-11-01")
        self.pay(move, 50, on="2025-11-01")
        self.pay(move, 50, on="2025-11-11")
        self.assertEqual(self.figures()["days_late"], (5.0, 2))

    def test_share_paid_late_after_the_days_of_grace(self):
        self.paid(3, amount=100)
        self.paid(4, amount=300)
        for grace, share in ((0, 100.0), (3, 75.0), (4, 0.0)):
            with self.subTest(grace=grace):
                self.assertEqual(self.figures(grace=grace)["paid_late"].value, share)

    def test_trend_against_the_own_past(self):
        """Ten days late all along is no trend; thirty, of late, is twenty worse."""
        for month in ("05", "07", "09"):
            self.paid(10, due=f"2025-{month}-01")
        self.paid(30, due="2025-12-20")
        self.paid(30, due="2026-01-10")
        figure = self.figures()["trend"]
        self.assertEqual((figure.value, figure.evidence), (20.0, 2))

    def test_who_stops_paying_gets_worse(self):
        """Nothing was paid late in the last quarter, because nothing was paid."""
        for month in ("05", "06", "07"):
            self.paid(0, due=f"2025-{month}-01")
        self.invoice(amount=100, date="2025-12-01", due="2026-01-01")
        self.assertEqual(self.figures()["trend"].value, 60.0)

    def test_credit_notes_are_no_payments(self):
        move = self.invoice(amount=100, date="2025-10-01", due="2025-11-01")
        credit = self.invoice(amount=100, date="2025-12-31", move_type="out_refund")
        self.receivable_lines(move | credit).reconcile()
        self.assertNotIn("days_late", self.figures())
        self.assertIn("relation_age", self.figures())

    def test_all_disputed_says_nothing(self):
        move = self.invoice(amount=100, date="2025-10-01", due="2025-11-01")
        reason = self.env["ar.dispute.reason"].search([], limit=1)
        lines = self.receivable_lines(move)
        self.env["ar.dispute"].with_user(self.user_collector)._open(lines, reason)
        self.assertNotIn("days_late", self.figures())

    def test_a_payment_taken_back(self):
        move = self.paid(0)
        self.assertEqual(self.figures()["returned_payments"], (0, 1))
        payment = self.env["account.payment"].search(
            [("partner_id", "=", self.customer.id)]
        )
        payment.move_id._reverse_moves([{"date": "2026-02-01"}], cancel=True)
        self.assertEqual(self.figures()["returned_payments"], (1, 1))
        before = self.figures(day=date(2026, 1, 31))["returned_payments"]
        self.assertEqual(before, (0, 1), "not known then")
        self.assertGreater(self.figures()["days_late"].value, 100)
        self.assertTrue(move)

    def test_only_what_was_known_on_the_day(self):
        self.paid(30, due="2025-11-01")
        before = self.figures(day=date(2025, 11, 11))["days_late"]
        self.assertEqual(before.value, 10.0, "open, ten days over")
        self.assertEqual(self.figures()["days_late"].value, 30.0)
        self.assertFalse(self.figures(day=date(2025, 9, 1)))

    def test_age_of_the_relation(self):
        self.paid(0, due="2025-11-01")  # invoiced on 2 October
        age = (TODAY - date(2025, 10, 2)).days
        self.assertEqual(self.figures()["relation_age"], (age, 1))

    def test_use_of_the_limit(self):
        self.invoice(amount=600)
        self.assertEqual(self.figures()["utilization"], (60.0, 1))

    def test_times_over_the_limit(self):
        snapshots = self.env["ar.exposure.snapshot"].sudo()
        path = [("01", 500), ("02", 1100), ("03", 1200), ("04", 900), ("05", 1001)]
        for day, exposure in path:
            snapshots.create(
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": f"2026-02-{day}",
                    "exposure_tested": exposure,
                    "credit_limit": 1000,
                    "limit_state": "amount",
                }
            )
        self.assertEqual(self.figures()["limit_breaches"], (2, 5))

    def test_broken_promises_by_amount(self):
        moves = [self.overdue(amount) for amount in (300, 100)]
        promises = self.env["ar.promise"].with_user(self.user_collector)
        for move in moves:
            promises._record(self.receivable_lines(move), date(2026, 3, 4))
        self.pay(moves[0], on="2026-03-03")
        with self.at("2026-03-20"):
            self.env["ar.promise"].sudo().search([])._evaluate()
            figure = self.figures(day=date(2026, 3, 20))["broken_promises"]
        self.assertEqual((figure.value, figure.evidence), (25.0, 2))

    def test_disputes_decided_against_the_customer(self):
        reason = self.env["ar.dispute.reason"].search([], limit=1)
        disputes = self.env["ar.dispute"]
        for amount in (300, 100):
            lines = self.receivable_lines(self.overdue(amount))
            disputes |= disputes.with_user(self.user_collector)._open(lines, reason)
        disputes[0].answer = "Delivered and signed for"
        disputes[0].action_reject()
        disputes[1].amount_accepted = 100
        disputes[1].action_accept()
        self.assertEqual(self.figures()["disputes_lost"], (75.0, 2))

    # -- the score itself --------------------------------------------------------------

    def test_every_point_is_explained(self):
        for month in ("08", "09", "10", "11"):
            self.paid(20, due=f"2025-{month}-01")
        self.score_all()
        score = self.score()
        self.assertAlmostEqual(
            sum(line["share"] for line in score.lines), score.points, 1
        )
        self.assertEqual(self.line("days_late")["points"], 55.0)
        self.assertIn("Days late", score.lines_html)
        self.assertIn("too little known", score.lines_html)

    def test_no_history_is_no_risk_but_new(self):
        self.company.ar_risk_new_class_id = self.medium
        self.invoice(amount=100)
        self.score_all()
        score = self.score()
        self.assertRecordValues(
            score,
            [
                {
                    "is_new": True,
                    "class_source": "new",
                    "risk_class_id": self.medium.id,
                    "review_date": date(2026, 5, 1),
                }
            ],
        )
        self.assertLess(score.confidence, 0.3)
        with self.at("2026-03-20"):
            self.score_all()
            self.assertEqual(self.score().review_date, date(2026, 5, 1), "not put off")

    def test_one_invoice_is_too_few(self):
        self.paid(90)
        self.score_all()
        self.assertIsNone(self.line("days_late")["points"])
        self.assertTrue(self.score().is_new)

    def test_history_has_a_row_for_each_change(self):
        for month in ("08", "09", "10", "11"):
            self.paid(0, due=f"2025-{month}-01")
        self.score_all()
        self.score_all()
        rows = [("commercial_partner_id", "=", self.customer.id)]
        scores = self.env["ar.risk.score"]
        self.assertEqual(scores.search_count(rows), 1)
        with self.at("2026-03-03"):
            self.score_all()
            self.assertEqual(scores.search_count(rows), 1, "nothing changed")
            self.overdue(5000)
            with self.at("2026-03-04"):
                self.score_all()
        self.assertEqual(scores.search_count(rows), 2)
        self.assertGreater(self.score().points, 30)
        position = self.position(self.customer)
        self.assertAlmostEqual(position.risk_points, self.score().points, 1)

    def test_own_group_and_switch(self):
        self.invoice(self.company.partner_id, 100)
        self.score_all()
        self.assertFalse(self.score(self.company.partner_id))

    def test_constant_number_of_queries(self):
        customers = [self.new_customer(f"C {number}") for number in range(4)]
        self.invoice(customers[0], 100)
        self.score_all()
        self.env.flush_all()
        with self.assertQueryCount(60):
            few = self.count_queries()
        for customer in customers:
            for month in ("08", "09", "10", "11"):
                self.paid(20, due=f"2025-{month}-01", partner=customer)
        self.assertEqual(self.count_queries(), few)

    def count_queries(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["ar.risk.figures"]._get_figures(self.company, TODAY)
        return self.env.cr.sql_log_count - before

    def test_the_night_scores_before_it_alerts(self):
        self.overdue(1200)
        self.run_night()
        stages = self.env["ar.run"].search([("stage", "in", ("scores", "alerts"))])
        self.assertEqual(set(stages.mapped("state")), {"done"})
        run = stages.filtered(lambda r: r.stage == "scores")
        self.assertGreaterEqual(run.counts["scored"], 1)
        self.assertTrue(self.score())

    def test_old_scores_are_thinned_out(self):
        scores = self.env["ar.risk.score"].sudo()
        for day in ("2025-06-01", "2025-06-20", "2025-07-03", "2026-02-01"):
            scores.create(
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": day,
                }
            )
        scores._thin_out(self.company, TODAY)
        kept = scores.search([("commercial_partner_id", "=", self.customer.id)])
        self.assertEqual(
            sorted(map(str, kept.mapped("date"))),
            ["2025-06-20", "2025-07-03", "2026-02-01"],
        )

    def test_merged_customers_have_one_position(self):
        self.overdue(100)
        self.overdue(100, self.other_customer)
        self.score_all()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.customer | self.other_customer).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(len(self.position(self.customer)), 1)
        self.score_all()
        self.assertEqual(self.customer.ar_risk_score_id, self.score())
