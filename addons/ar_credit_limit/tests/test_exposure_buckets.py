from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models.ar_exposure_item import Scope
from ..tools.exposure import BUCKET_KEYS, NO_EXPOSURE
from .common import CreditCommon


class BucketCommon(CreditCommon):
    @classmethod
    def figures(cls, partner=None, company=None):
        """Return the buckets that are not zero."""
        partner = partner or cls.customer
        exposure = partner._get_exposure(company or cls.company)
        exposure = exposure.get(partner.id, NO_EXPOSURE)
        return {
            name: getattr(exposure, name)
            for name in BUCKET_KEYS
            if getattr(exposure, name)
        }

    @classmethod
    def lines(cls, **values):
        """Return the rows of the customer, filtered by equal values."""
        cls.env.flush_all()
        cls.env["ar.exposure.item"].invalidate_model()
        domain = [("commercial_partner_id", "=", cls.customer.id)]
        domain += [(name, "=", value) for name, value in values.items()]
        return cls.env["ar.exposure.item"].search(domain)

    @classmethod
    def draft(cls, amount=100.0, **values):
        return cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": cls.customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    fields.Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": False}
                    )
                ],
                **values,
            }
        )

    @classmethod
    def dispute(cls, move, amounts=None):
        """Suspend as a dispute would, whether or not disputes are installed."""
        suspension = cls.suspend(move, amounts=amounts)
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE ar_suspension SET kind = 'dispute' WHERE id = ANY(%s)",
            [suspension.ids],
        )
        cls.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestExposureBuckets(BucketCommon):
    two_companies = True

    def test_open_items_fall_in_four_buckets(self):
        self.invoice(amount=10.0, due="2026-03-02")
        self.invoice(amount=20.0, due="2026-03-01")
        self.invoice(amount=5.0, move_type="out_refund")
        returned = self.invoice(amount=40.0, due="2026-02-01")
        payment = self.pay(returned)
        payment.move_id.button_draft()
        payment.move_id.button_cancel()
        payment.action_reject()
        open_items = self.figures()
        self.assertEqual(
            open_items,
            {"not_due": 10.0, "overdue": 20.0, "returned": 40.0, "unapplied": -5.0},
        )
        self.assertEqual(sum(open_items.values()), self.customer.ar_total_due)

    def test_margin_days(self):
        self.invoice(amount=20.0, due="2026-02-23")
        for margin, bucket in ((0, "overdue"), (6, "overdue"), (7, "not_due")):
            with self.subTest(margin=margin):
                self.company.ar_exposure_margin_days = margin
                self.assertEqual(self.figures(), {bucket: 20.0})

    def test_draft_invoices(self):
        self.draft(100.0)
        self.draft(30.0, move_type="out_refund")
        self.assertEqual(self.figures(), {}, "off by default")
        self.company.ar_exposure_draft = True
        self.assertEqual(self.figures(), {"draft": 70.0})

    def test_a_draft_of_an_order_still_counts_as_ordered(self):
        self.company.ar_exposure_draft = True
        order = self.confirmed(100.0)
        invoice = order._create_invoices()
        self.assertEqual(self.figures(), {"undelivered": 100.0})
        invoice.invoice_line_ids = [
            fields.Command.create(
                {"name": "Freight", "price_unit": 11.0, "tax_ids": False}
            )
        ]
        self.assertEqual(self.figures(), {"undelivered": 100.0, "draft": 11.0})

    def test_delivered_and_undelivered(self):
        order = self.confirmed(100.0, quantity=10)
        order.order_line.qty_delivered = 4
        self.assertEqual(self.figures(), {"undelivered": 60.0, "delivered": 40.0})
        self.company.ar_exposure_undelivered = False
        self.assertEqual(self.figures(), {"delivered": 40.0})
        self.company.ar_exposure_delivered = False
        self.assertEqual(self.figures(), {})

    def test_quotations_are_weighted_until_they_expire(self):
        order = self.order(200.0)
        order.action_quotation_sent()
        self.assertEqual(self.figures(), {}, "off by default")
        self.company.ar_exposure_quotation_weight = 25
        self.assertEqual(self.figures(), {"quotations": 50.0})
        order.validity_date = "2026-03-01"
        self.assertEqual(self.figures(), {})

    def test_uncleared_payments(self):
        journal = self.company_data["default_journal_bank"]
        methods = journal.inbound_payment_method_line_ids
        methods.payment_account_id = journal.default_account_id.copy(
            {"account_type": "asset_current", "reconcile": True, "name": "Cheques"}
        )
        self.company.ar_exposure_uncleared_method_ids = methods
        invoice = self.invoice(amount=100.0)
        self.pay(invoice)
        self.assertEqual(self.figures(), {"uncleared": 100.0})
        with self.at("2026-05-02"):
            self.assertEqual(self.figures(), {}, "61 days")
            self.company.ar_exposure_uncleared_days = 0
            self.assertEqual(self.figures(), {"uncleared": 100.0})
        self.company.ar_exposure_uncleared_method_ids = False
        self.assertEqual(self.figures(), {})

    def test_cleared_by_the_bank(self):
        journal = self.company_data["default_journal_bank"]
        methods = journal.inbound_payment_method_line_ids
        methods.payment_account_id = journal.default_account_id.copy(
            {"account_type": "asset_current", "reconcile": True, "name": "Cheques"}
        )
        self.company.ar_exposure_uncleared_method_ids = methods
        cheques = [self.pay(self.invoice(amount=amount)) for amount in (100.0, 30.0)]
        self.assertEqual(self.figures(), {"uncleared": 130.0})
        self.clear(cheques[0])
        self.assertTrue(cheques[0].is_matched)
        self.assertEqual(self.figures(), {"uncleared": 30.0})

    def clear(self, payment):
        """Have the bank statement say that the money of a payment is there."""
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": "2026-03-02",
                "payment_ref": "Cheque",
                "amount": payment.amount,
                "partner_id": payment.partner_id.id,
            }
        )
        _liquidity, suspense, _other = line._seek_for_lines()
        outstanding, _counterpart, _writeoff = payment._seek_for_lines()
        suspense.account_id = outstanding.account_id
        (suspense | outstanding).reconcile()

    def test_returned_by_a_reversal(self):
        invoice = self.invoice(amount=100.0, due="2026-04-01")
        payment = self.pay(invoice)
        self.assertTrue(payment.move_id, "the proof needs an entry of the payment")
        payment.move_id._reverse_moves([{"date": "2026-03-02"}], cancel=True)
        self.assertEqual(self.figures().get("returned"), 100.0)

    def test_disputed_amounts_may_be_left_out(self):
        whole = self.invoice(amount=100.0)
        part = self.invoice(amount=900.0)
        self.dispute(whole)
        line = self.receivable_lines(part)
        self.dispute(part, {line.id: 300.0})
        self.grant(amount=2000.0)
        self.confirmed(100.0)
        self.grant(amount=1000.0)
        exposure = self.customer._get_exposure(self.company)[self.customer.id]
        self.assertEqual((exposure.disputed, exposure.tested), (400.0, 1100.0))
        self.assertTrue(self.position(self.customer).is_over_limit)
        self.company.ar_exposure_without_disputed = True
        exposure = self.customer._get_exposure(self.company)[self.customer.id]
        self.assertEqual((exposure.total, exposure.tested), (1100.0, 700.0))
        self.assertRecordValues(
            self.position(self.customer),
            [
                {
                    "exposure": 1100.0,
                    "exposure_disputed": 400.0,
                    "exposure_tested": 700.0,
                    "credit_available": 300.0,
                    "utilization": 0.7,
                    "is_over_limit": False,
                }
            ],
        )
        self.assertEqual(self.customer.ar_exposure_disputed, 400.0)
        self.assertEqual(self.customer.ar_credit_available, 300.0)

    def test_group_companies_are_added_at_the_rate_of_today(self):
        self.company_b.currency_id = self.eur
        self.invoice(amount=100.0)
        self.invoice(amount=50.0, company=self.company_b, currency=self.eur)
        self.assertEqual(self.figures(), {"not_due": 100.0})
        self.company.ar_exposure_group_companies = True
        self.assertEqual(self.figures(), {"not_due": 200.0}, "a euro is two dollars")
        self.assertEqual(self.figures(company=self.company_b), {"not_due": 50.0})
        row = self.position(self.customer)
        self.assertEqual((row.exposure, row.total_due), (200.0, 100.0))
        self.assertEqual(self.position(self.customer, self.company_b).exposure, 50.0)

    def test_a_customer_of_the_group_alone_has_a_position(self):
        self.company.ar_exposure_group_companies = True
        self.invoice(self.other_customer, amount=50.0, company=self.company_b)
        row = self.position(self.other_customer)
        self.assertEqual((row.exposure, row.total_due), (50.0, 0.0))

    def test_branches_share_the_switches(self):
        branch = self.new_branch()
        self.company.ar_exposure_draft = True
        self.company.ar_exposure_margin_days = 5
        self.assertTrue(branch.ar_exposure_draft)
        self.assertEqual(branch.ar_exposure_margin_days, 5)
        self.assertTrue(self.new_branch("Later").ar_exposure_draft)

    def test_nonsense_in_the_settings_is_refused(self):
        for name, value in (
            ("ar_exposure_margin_days", -1),
            ("ar_exposure_uncleared_days", 99999),
            ("ar_exposure_quotation_weight", 101),
            ("ar_exposure_quotation_weight", -5),
        ):
            with self.subTest(name=name), self.assertRaises(ValidationError):
                self.company[name] = value

    def test_switches_are_in_the_settings(self):
        settings = self.env["res.config.settings"].create(
            {"ar_exposure_draft": True, "ar_exposure_quotation_weight": 10}
        )
        settings.execute()
        self.assertTrue(self.company.ar_exposure_draft)
        self.assertEqual(self.company.ar_exposure_quotation_weight, 10)


@tagged("post_install", "-at_install")
class TestExposureLines(BucketCommon):
    """From every figure to its very lines."""

    two_companies = True

    def test_each_figure_opens_its_lines(self):
        self.company.ar_exposure_draft = True
        self.invoice(amount=10.0)
        self.invoice(amount=20.0, due="2026-01-01")
        self.draft(7.0)
        order = self.confirmed(100.0, quantity=10)
        order.order_line.qty_delivered = 4
        self.env.flush_all()
        for bucket, amount in self.figures().items():
            with self.subTest(bucket=bucket):
                action = self.customer.with_context(
                    ar_exposure_bucket=bucket
                ).action_open_ar_exposure()
                lines = self.env[action["res_model"]].search(action["domain"])
                self.assertEqual(set(lines.mapped("bucket")), {bucket})
                self.assertEqual(sum(lines.mapped("amount")), amount)
                self.assertEqual(self.customer[f"ar_exposure_{bucket}"], amount)
        whole = self.customer.action_open_ar_exposure()["domain"]
        lines = self.env["ar.exposure.item"].search(whole)
        self.assertEqual(sum(lines.mapped("amount")), self.customer.ar_exposure)
        self.assertEqual(len(lines), len(set(lines.ids)))

    def test_lines_of_the_group_add_up(self):
        """Each line is converted and rounded by itself: three times 0.05 at a third."""
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 3.0)])
        self.company_b.currency_id = gbp
        for amount in (0.05, 0.05, 0.05):
            self.invoice(amount=amount, company=self.company_b, currency=gbp)
        self.invoice(amount=10.0)
        self.confirmed(20.0, company=self.company_b)
        self.company.ar_exposure_group_companies = True
        self.assertEqual(self.figures()["not_due"], 10.06)
        self.assertEqual(self.figures(), self.drill_down(), "as the lines say")
        action = self.customer.action_open_ar_exposure()
        self.assertTrue(action["context"]["ar_counts_group"])
        lines = self.env["ar.exposure.item"].search(action["domain"])
        whole = sum(lines.mapped("amount_counted"))
        self.assertAlmostEqual(whole, self.customer.ar_exposure, 2)
        self.assertEqual(self.position(self.customer).exposure, 16.73)
        there = lines.with_company(self.company_b)
        own = there.filtered(lambda line: line.root_company_id == self.company_b)
        self.assertEqual(sum(own.mapped("amount_counted")), 20.15, "in its own")
        self.assertFalse(any((there - own).mapped("amount_counted")))

    def drill_down(self):
        """Return what the lines behind each figure add up to."""
        found = {}
        for bucket in BUCKET_KEYS:
            customer = self.customer.with_context(ar_exposure_bucket=bucket)
            domain = customer.action_open_ar_exposure()["domain"]
            lines = self.env["ar.exposure.item"].search(domain)
            if lines:
                found[bucket] = round(sum(lines.mapped("amount_counted")), 2)
        return found

    def test_disputed_opens_its_lines(self):
        self.invoice(amount=10.0)
        line = self.receivable_lines(part := self.invoice(amount=900.0))
        self.dispute(part, {line.id: 300.0})
        self.dispute(self.invoice(amount=100.0))
        domain = self.customer.action_open_ar_disputed()["domain"]
        lines = self.env["ar.exposure.item"].search(domain)
        self.assertEqual(len(lines), 2)
        self.assertEqual(sum(lines.mapped("amount_disputed")), 400.0)
        self.assertEqual(self.customer.ar_exposure_disputed, 400.0)

    def test_a_line_opens_its_document(self):
        invoice = self.invoice(amount=10.0)
        order = self.confirmed(100.0)
        for line, document in (
            (self.lines(bucket="not_due"), invoice),
            (self.lines(bucket="undelivered"), order),
        ):
            action = line.action_open_document()
            self.assertEqual(
                (action["res_model"], action["res_id"]), (document._name, document.id)
            )
            self.assertEqual(line.name, document.name)

    def test_position_opens_lines(self):
        self.invoice(amount=10.0)
        self.confirmed(100.0)
        row = self.position(self.customer)
        for name, amount in (
            ("action_exposure_items", 110.0),
            ("action_open_item_exposure", 10.0),
            ("action_ordered_items", 100.0),
        ):
            with self.subTest(name):
                domain = getattr(row, name)()["domain"]
                lines = self.env["ar.exposure.item"].search(domain)
                self.assertEqual(sum(lines.mapped("amount")), amount)

    def test_lines_without_customer_are_never_checked(self):
        receivable = self.company_data["default_account_receivable"]
        income = self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create(
            {
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    fields.Command.create({"account_id": receivable.id, "debit": 33.0}),
                    fields.Command.create({"account_id": income.id, "credit": 33.0}),
                ],
            }
        )
        entry.action_post()
        self.env.flush_all()
        line = self.env["ar.exposure.item"].search([("move_id", "=", entry.id)])
        self.assertEqual((line.amount, line.exclusion), (33.0, "no_partner"))
        self.assertTrue(self.env["res.partner"]._get_credit_exclusion(self.company))

    def test_companies_of_the_group_are_never_checked(self):
        sister = self.company_b.partner_id
        self.grant(sister, amount=10.0)
        self.invoice(sister, amount=100.0)
        row = self.position(sister)
        self.assertEqual(row.exposure, 100.0, "the figures still tie to the books")
        self.assertEqual(row.credit_exclusion, "own_group")
        self.assertFalse(row.is_over_limit)
        self.assertIn(sister.name, sister._get_credit_exclusion(self.company))
        self.assertIn(sister.name, sister.ar_credit_exclusion)
        self.assertEqual(sister.ar_credit_available, 0.0)
        self.assertFalse(self.customer._get_credit_exclusion(self.company))

    def test_order_of_a_company_of_the_group_passes(self):
        sister = self.company_b.partner_id
        self.grant(sister, amount=10.0)
        order = self.confirmed(5000.0, sister)
        self.assertFalse(order.ar_credit_hold_ids)
        order.order_line.price_unit = 9000.0
        self.assertEqual(order.amount_total, 9000.0)

    def test_disputed_figure_opens_its_lines(self):
        self.dispute(self.invoice(amount=10.0))
        disputed = self.invoice(amount=20.0, due="2026-01-01", date="2026-01-01")
        self.dispute(disputed, {self.receivable_lines(disputed).id: 15.0})
        self.invoice(amount=40.0)
        self.assertEqual(self.customer.ar_exposure_disputed, 25.0)
        action = self.customer.action_open_ar_disputed()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(sum(lines.mapped("amount_disputed")), 25.0)
        self.assertEqual(len(lines), 2)

    def test_a_company_below_another_partner(self):
        holding = self.new_customer("Holding")
        self.company_b.partner_id.write({"is_company": False, "parent_id": holding.id})
        self.assertTrue(holding._get_credit_exclusion(self.company))

    def test_who_sees_what(self):
        self.invoice(amount=10.0)
        self.invoice(self.other_customer, amount=20.0)
        self.env.flush_all()
        known = (self.customer | self.other_customer).ids
        domain = [("commercial_partner_id", "in", known)]
        for user, amounts in (
            (self.salesperson, [10.0]),
            (self.user_viewer, [10.0, 20.0]),
        ):
            with self.subTest(user.login):
                for model in ("ar.exposure.item", "ar.exposure.projection"):
                    rows = self.env[model].with_user(user).search(domain)
                    self.assertEqual(sorted(rows.mapped("amount")), amounts)
        customer = self.other_customer.with_user(self.salesperson)
        self.assertEqual(customer.ar_exposure_not_due, 0.0)
        with self.assertRaises(AccessError):
            customer.action_open_ar_exposure()
        stranger = self.new_user("stranger", "base.group_user")
        for model in ("ar.exposure.item", "ar.exposure.snapshot"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(stranger).search([])

    def test_lines_are_read_only(self):
        self.invoice(amount=10.0)
        with self.assertRaises(AccessError):
            self.lines().with_user(self.user_manager).write({"amount": 1.0})


@tagged("post_install", "-at_install")
class TestExposureQueries(BucketCommon):
    def test_one_customer_or_many_in_one_query(self):
        customers = self.env["res.partner"]
        for number in range(5):
            customer = self.new_customer(f"Customer {number}")
            customers |= customer
            self.invoice(customer)
            self.confirmed(10.0, partner=customer)
        self.env.flush_all()
        customers._get_exposure(self.company)
        for some in (customers[:1], customers):
            with self.subTest(len(some)), self.assertQueryCount(1):
                some._get_exposure(self.company)

    def test_list_of_positions_asks_once(self):
        for number in range(5):
            self.invoice(self.new_customer(f"Customer {number}"))
        self.env.flush_all()
        fields_spec = {"exposure": {}, "utilization": {}, "exposure_overdue": {}}
        positions = self.env["ar.position"]
        positions.web_search_read([], fields_spec, limit=80)
        self.env.invalidate_all()
        with self.assertQueryCount(3):
            positions.web_search_read([], fields_spec, limit=80)

    def test_narrow_and_wide_read_the_same(self):
        order = self.confirmed(100.0, quantity=10)
        order.order_line.qty_delivered = 4
        invoice = self.invoice(amount=300.0)
        self.pay(invoice, 100.0).action_reject()
        self.dispute(invoice)
        expected = self.customer._get_exposure(self.company)[self.customer.id]
        self.patch(
            self.registry["ar.exposure.item"],
            "_get_scope",
            self._get_wide_scope,
        )
        found = self.customer._get_exposure(self.company)[self.customer.id]
        self.assertEqual(found, expected)

    @staticmethod
    def _get_wide_scope(self, partners, companies):
        setups = self.env["res.company"]._ar_exposure_setups().values()
        return Scope(partners.ids + [0] * 500, list(setups))
