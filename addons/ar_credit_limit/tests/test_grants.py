from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_policy import PolicyCommon


@tagged("post_install", "-at_install")
class TestGrants(PolicyCommon):
    """Limits in other currencies, from a later day, to be reviewed."""

    def limit(self, partner=None):
        partner = partner or self.customer
        limits = self.env["ar.credit.limit"]._get_in_force(partner, self.company)
        return limits[partner.id]

    def add_rate(self, rate, day, currency=None, company=None):
        return self.env["res.currency.rate"].create(
            {
                "currency_id": (currency or self.eur).id,
                "company_id": (company or self.company).id,
                "name": day,
                "rate": rate,
            }
        )

    def new_currency(self):
        return self.env["res.currency"].create({"name": "XRT", "symbol": "¤"})

    def test_limit_in_another_currency(self):
        grant = self.grant(amount=500.0, currency=self.eur)
        limit = self.limit()
        self.assertEqual(
            (limit.amount, limit.amount_currency, limit.rate, str(limit.rate_date)),
            (1000.0, 500.0, 2.0, "2020-01-01"),
        )
        self.assertEqual(limit.currency_id, self.eur.id)
        self.assertRecordValues(
            grant, [{"amount_company": 1000.0, "rate": 2.0, "amount": 500.0}]
        )
        self.assertEqual(str(grant.rate_date), "2020-01-01")
        self.assertEqual(self.customer.ar_credit_limit, 1000.0)
        self.assertEqual(self.position(self.customer).credit_limit, 1000.0)
        order = self.order(1000.01)
        (violation,) = order._get_credit_violations()
        self.assertEqual(violation.figures["limit"], 1000.0)
        self.assertEqual(violation.figures["limit_in_currency"], 500.0)
        self.assertEqual(violation.figures["rate_date"], "2020-01-01")
        for part in ("1,000.00", "500.00", "01/01/2020"):
            self.assertIn(part, violation.sentence)

    def test_rate_of_the_day(self):
        """The same rate as core converts with, whichever there are."""
        self.grant(amount=500.0, currency=self.eur)
        shared = self.env["res.currency.rate"].create(
            {
                "currency_id": self.eur.id,
                "company_id": False,
                "name": "2026-02-20",
                "rate": 0.8,
            }
        )
        self.add_rate(0.25, "2026-02-10")
        self.add_rate(0.1, "2026-03-05")
        self.add_rate(4.0, "2026-01-01", currency=self.company.currency_id)
        for today in ("2019-05-01", "2026-03-02", "2026-03-05"):
            with self.subTest(today), self.at(today):
                expected = self.eur._convert(
                    500.0, self.company.currency_id, self.company, today
                )
                grant = self.env["ar.credit.limit"].search([], limit=1)
                if today >= "2026":
                    self.assertEqual(self.limit().amount, expected)
                self.assertEqual(grant.amount_company, expected)
        self.assertTrue(shared)

    def test_rate_only_later(self):
        with self.at("2019-06-01"):
            self.grant(amount=500.0, currency=self.eur)
            self.assertEqual(self.limit().amount, 1000.0, "core takes the first one")

    def test_no_rate_is_no_limit_of_zero(self):
        currency = self.new_currency()
        with self.assertRaisesRegex(UserError, "has no exchange rate"):
            self.grant(amount=500.0, currency=currency)
        rate = self.add_rate(0.5, "2026-01-01", currency)
        self.grant(amount=500.0, currency=currency)
        rate.unlink()
        limit = self.limit()
        self.assertTrue(limit.lacks_rate)
        order = self.order(1.0)
        self.assertEqual(self.confirm(order), ("draft", "held"))
        self.assertEqual(order.ar_credit_hold_id.reason_ids.code, "no_rate")
        self.assertFalse(self.position(self.customer).is_over_limit)
        self.add_rate(0.5, "2026-01-01", currency)
        self.assertEqual(order._get_credit_violations(), [])

    def test_core_field_follows_the_rate(self):
        self.grant(amount=500.0, currency=self.eur)
        self.assertEqual(self.customer.credit_limit, 1000.0)
        self.add_rate(0.25, "2026-03-03")
        with self.at("2026-03-03"):
            self.run_night()
            self.assertEqual(self.customer.credit_limit, 2000.0)

    def test_limit_from_a_later_day(self):
        grant = self.grant(amount=5000.0, date_from="2026-03-10")
        self.assertEqual(grant.status, "planned")
        self.assertEqual(self.limit().amount, 1000.0)
        self.assertEqual(self.customer.credit_limit, 1000.0)
        with self.at("2026-03-10"):
            self.assertEqual(self.limit().amount, 5000.0)
            self.run_night()
            self.assertEqual(self.customer.credit_limit, 5000.0)
            self.assertEqual(grant.status, "in_force")

    def test_core_field_catches_up_after_missed_nights(self):
        self.grant(amount=5000.0, date_from="2026-03-10", date_until="2026-03-12")
        with self.at("2026-03-11"):
            self.run_night()
            self.assertEqual(self.customer.credit_limit, 5000.0)
        with self.at("2026-03-16"):
            self.run_night()
            self.assertEqual(self.customer.credit_limit, 1000.0)

    def test_overlapping_validity(self):
        """What was decided last goes before, as long as it lasts."""
        lasting = self.env["ar.credit.limit"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        march = self.grant(amount=2000.0, date_until="2026-03-31")
        planned = self.grant(
            amount=3000.0, date_from="2026-03-20", date_until="2026-04-10"
        )
        short = self.grant(amount=4000.0, date_until="2026-03-05")
        for today, expected, statuses in (
            ("2026-03-02", 4000.0, "behind behind planned in_force"),
            ("2026-03-06", 2000.0, "behind in_force planned ended"),
            ("2026-03-20", 3000.0, "behind superseded in_force ended"),
            ("2026-04-11", 1000.0, "in_force ended ended ended"),
        ):
            with self.subTest(today), self.at(today):
                self.assertEqual(self.limit().amount, expected)
                grants = lasting | march | planned | short
                self.assertEqual(" ".join(grants.mapped("status")), statuses)
                (in_force,) = grants.search(
                    [("id", "in", grants.ids), ("status", "=", "in_force")]
                )
                self.assertEqual(in_force.amount, expected)
        newest = self.grant(amount=6000.0)
        self.assertEqual(planned.status, "superseded")
        with self.at("2026-03-20"):
            self.assertEqual(self.limit().grant_id, newest.id)

    def test_review(self):
        due = self.grant(amount=900.0, review_date="2026-03-10")
        self.grant(self.other_customer, amount=5.0, review_date="2026-04-10")
        overdue = [("is_review_overdue", "=", True)]
        action = self.env.ref("ar_credit_limit.ar_credit_limit_action_review")
        self.assertIn("review_date", action.domain)
        for today, listed in (("2026-03-10", []), ("2026-03-11", due.ids)):
            with self.subTest(today), self.at(today):
                self.assertEqual(due.search(overdue).ids, listed)
                self.assertEqual(due.is_review_overdue, bool(listed))
                positions = self.env["ar.position"].search(
                    [("is_review_due", "=", True)]
                )
                self.assertEqual(positions.commercial_partner_id, self.customer)
        with self.at("2026-03-11"):
            self.assertIn(due, due.search([("is_review_overdue", "!=", False)]))
            self.assertNotIn(due, due.search([("is_review_overdue", "=", False)]))
            self.grant(amount=900.0, reason="Reviewed")
            self.assertFalse(due.search(overdue))

    def test_bad_input(self):
        archived = self.new_customer("Archived", active=False)
        for case, arguments, message in (
            ("negative", {"amount": -1.0}, "above zero"),
            ("absurd", {"amount": 1e15}, "Nobody can owe"),
            ("endless", {"amount": float("inf")}, "Nobody can owe"),
            ("no number", {"amount": float("nan")}, "above zero"),
            ("archived", {"amount": 5.0, "partner": archived}, "archived"),
            ("past", {"amount": 5.0, "date_from": "2026-03-01"}, "not in the past"),
            (
                "ends before it begins",
                {"amount": 5.0, "date_from": "2026-03-10", "date_until": "2026-03-09"},
                "before it begins",
            ),
            (
                "reviewed before",
                {"amount": 5.0, "review_date": "2026-03-01"},
                "reviewed before",
            ),
        ):
            with self.subTest(case), self.assertRaisesRegex(UserError, message):
                with self.env.cr.savepoint():
                    self.grant(**arguments)
        self.assertEqual(self.limit().amount, 1000.0)
        with self.assertRaisesRegex(UserError, "Nobody can owe"):
            self.customer.credit_limit = 1e15

    def test_limit_cut_below_the_exposure(self):
        confirmed = self.confirmed(800.0)
        self.grant(amount=500.0)
        self.assertEqual(confirmed.state, "sale", "what is confirmed stays")
        self.assertEqual(self.customer.ar_credit_available, -300.0)
        self.assertEqual(self.confirm(self.order(1.0)), ("draft", "held"))

    def test_who_decided_and_why(self):
        grant = self.grant(
            amount=500.0,
            currency=self.eur,
            date_from="2026-03-10",
            review_date="2026-09-01",
            reason="Balance sheet 2025",
        )
        self.assertEqual(grant.decided_by_id, self.user_manager)
        figures = self.events("credit_limit")[0].figures
        self.assertEqual(
            {key: figures[key] for key in ("currency", "from", "review", "worth")},
            {
                "currency": "EUR",
                "from": "2026-03-10",
                "review": "2026-09-01",
                "worth": 1000.0,
            },
        )
        with self.assertRaises(AccessError):
            grant.with_user(self.user_manager).review_date = False

    def test_core_round_trip_with_a_default(self):
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 700.0, company_id=self.company.id
        )
        self.policy(default_limit_state="amount", default_amount=700.0)
        unit = self.company.currency_id.rounding
        for typed, expected in (
            (3200.0, ("amount", 3200.0, "grant")),
            (unit, ("none", 0.0, "grant")),
            (700.0, ("amount", 700.0, "company")),
        ):
            with self.subTest(typed):
                self.customer.credit_limit = typed
                limit = self.limit()
                self.assertEqual((limit.state, limit.amount, limit.source), expected)
                self.assertEqual(self.customer.credit_limit, typed)

    def test_default_of_core_and_of_the_company_are_in_step(self):
        def core(company=None):
            at = self.env["res.partner"].with_company(company or self.company)
            return at._get_core_default(company or self.company)

        branch = self.new_branch()
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 80.0, company_id=self.company.id
        )
        by_default, free = self.new_customer("By default"), self.new_customer("Free")
        self.grant(free, state="unchecked")
        policy = self.policy(default_limit_state="amount", default_amount=700.0)
        self.assertEqual((core(), core(branch)), (700.0, 700.0))
        self.assertEqual(by_default.credit_limit, 700.0)
        self.assertEqual(free.credit_limit, 0.0, "without limit to core, too")
        policy.default_limit_state = "none"
        self.assertEqual(core(), self.company.currency_id.rounding)
        settings = self.env["res.config.settings"].create({})
        settings.account_default_credit_limit = 900.0
        settings.execute()
        self.assertEqual(policy.default_amount, 900.0)
        self.assertEqual((core(), core(branch)), (900.0, 900.0))
        self.assertEqual(self.limit(by_default).source, "company")
        policy.write({"default_limit_state": "unchecked"})
        self.assertEqual(core(), 900.0, "what was typed last is core's own")
        policy.unlink()

    def test_default_of_core_comes_back(self):
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 80.0, company_id=self.company.id
        )
        partner = self.new_customer("By default")
        for end in (
            lambda policy: policy.write({"default_limit_state": "unchecked"}),
            lambda policy: policy.unlink(),
            lambda policy: self.env["ar.credit.limit"]._restore_core_values(),
        ):
            policy = self.policy(default_limit_state="amount", default_amount=700.0)
            self.assertEqual(partner.credit_limit, 700.0)
            end(policy)
            self.assertEqual(partner.credit_limit, 80.0)
            policy.exists().unlink()

    def test_default_of_core_made_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        settings.account_default_credit_limit = 900.0
        settings.execute()
        self.assertEqual(self.limit(self.other_customer).amount, 900.0)
        self.company.ar_credit_limit_mode = "off"
        settings = self.env["res.config.settings"].create({})
        settings.account_default_credit_limit = 50.0
        settings.execute()
        policy = self.env["ar.credit.policy"].search([])
        self.assertEqual(policy.default_amount, 900.0, "off leaves core to core")

    def test_core_follows_the_default_of_the_class(self):
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        self.set_class(high)
        self.policy(
            risk_class_id=high.id, default_limit_state="amount", default_amount=250.0
        )
        self.grant(state="default")
        self.assertEqual(self.customer.credit_limit, 250.0)

    def test_wizard(self):
        self.confirmed(800.0)
        self.grant(amount=3000.0, date_from="2026-03-20")
        with self.open_wizard() as form:
            self.assertEqual((form.amount, form.currency_id), (1000.0, form_usd(self)))
            self.assertIn("3,000.00", form.remarks, "tells what is planned")
            form.currency_id = self.eur
            form.amount = 300.0
            self.assertEqual(form.amount_company, 600.0)
            self.assertIn("1 EUR = 2 USD", form.rate_text)
            self.assertIn("200.00 more", form.remarks)
            form.date_until = "2026-03-19"
            self.assertNotIn("3,000.00", form.remarks, "ends before it")
            form.review_date = "2026-03-10"
            form.reason = "Cut"
        form.record.action_set()
        limit = self.limit()
        self.assertEqual((limit.amount, limit.amount_currency), (600.0, 300.0))
        with self.at("2026-03-20"):
            self.assertEqual(self.limit().amount, 3000.0)

    def open_wizard(self):
        action = self.customer.with_user(self.user_manager).action_set_credit_limit()
        return Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )


def form_usd(case):
    return case.company.currency_id
