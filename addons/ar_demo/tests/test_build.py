import time

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from odoo.addons.ar_demo.builder import build

BUILD_SECONDS = 90


@tagged("post_install", "-at_install", "slow")
class TestBuild(TransactionCase):
    """The demo is built once, in a transaction of the test; each test looks at it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mails_before = cls.env["mail.mail"].search_count([])
        demo = cls._build()
        cls.plan = demo.plan
        cls.invoices = [(row, cls._own(move)) for row, move in demo.invoices]
        cls.users = {login: cls._own(user) for login, user in demo.users.items()}
        cls.companies = cls.env["res.company"].union(
            *map(cls._own, demo.companies.values())
        )

    @classmethod
    def _build(cls):
        """Build within a cursor that may commit, as the nightly run does."""
        cls.registry_enter_test_mode_cls()
        with cls.registry.cursor() as cr:
            started = time.process_time()
            demo = build(api.Environment(cr, SUPERUSER_ID, {}))
            cls.build_seconds = time.process_time() - started
        cls.env.invalidate_all()
        return demo

    @classmethod
    def _own(cls, records):
        """The same records in the environment of the test."""
        return cls.env[records._name].browse(records.ids)

    def _search(self, model, *terms):
        """All records of the two companies, or those that match."""
        domain = [("company_id", "in", self.companies.ids), *terms]
        return self.env[model].search(domain)

    def test_size_and_time(self):
        documents = ("move_type", "in", ("out_invoice", "out_refund"))
        self.assertLessEqual(len(self._search("account.move", documents)), 500)
        self.assertLessEqual(len(self._search("sale.order")), 150)
        self.assertLess(self.build_seconds, BUILD_SECONDS)

    def test_every_planned_document_exists(self):
        planned = self.plan
        invoices = self._search("account.move", ("move_type", "=", "out_invoice"))
        self.assertEqual(len(invoices), len(planned.invoices))
        self.assertEqual(set(invoices.mapped("state")), {"posted"})
        self.assertCountEqual(
            invoices.mapped("invoice_date"), [row.day for row in planned.invoices]
        )
        done = self._search("stock.picking", ("state", "=", "done"))
        self.assertEqual(len(done), sum(row.ordered for row in planned.invoices))

    def test_what_is_open_is_what_was_not_paid(self):
        for row, move in self.invoices:
            applied = [pay.share for pay in row.payments if not pay.on_account]
            is_settled = sum(applied) + row.credited > 0.999
            self.assertEqual(
                move.currency_id.is_zero(move.amount_residual), is_settled, move.name
            )

    def test_nothing_is_dated_in_the_future(self):
        for company in self.companies:
            future = self._search(
                "account.move",
                ("company_id", "=", company.id),
                ("journal_id.type", "in", ("sale", "bank")),
                ("date", ">", company._ar_today()),
            )
            self.assertFalse(future.mapped("name"))

    def test_building_mails_nobody(self):
        mails = self.env["mail.mail"].search_count([])
        self.assertEqual(mails, self.mails_before)
        self.assertFalse(self._search("ar.dunning.reminder", ("state", "=", "sent")))

    def test_the_night_has_happened_without_errors(self):
        runs = self._search("ar.run")
        self.assertEqual(set(runs.mapped("state")), {"done"}, runs.mapped("errors"))
        self.assertFalse(sum(runs.mapped("error_count")))
        self.assertEqual(runs.company_id, self.companies)

    def test_every_worklist_has_something_to_do(self):
        for model, *terms in (
            ("ar.credit.hold", ("is_requested", "=", True)),
            ("ar.credit.hold", ("scope", "=", "order"), ("state", "=", "held")),
            ("ar.dunning.reminder", ("state", "=", "ready")),
            ("ar.dunning.reminder", ("mode", "=", "confirm"), ("state", "=", "draft")),
            ("ar.dunning.reminder", ("channel", "=", "call"), ("state", "=", "draft")),
            ("ar.dispute", ("state", "in", ("new", "investigating", "waiting"))),
            ("ar.suspension", ("kind", "=", "pause")),
            ("ar.promise", ("state", "=", "open"), ("plan_id", "=", False)),
            ("ar.payment.plan", ("state", "in", ("open", "waiting"))),
            ("ar.risk.alert", ("state", "=", "open")),
            ("stock.picking", ("ar_delivery_state", "=", "held")),
        ):
            with self.subTest(model, terms=terms):
                self.assertTrue(self._search(model, *terms))

    def test_everybody_can_log_in(self):
        for login, user in self.users.items():
            if login != "admin":
                credential = {"type": "password", "login": login, "password": login}
                user.with_user(user)._check_credentials(credential, {})

    def test_a_database_in_use_is_refused(self):
        with self.assertRaisesRegex(UserError, "without accounting entries"):
            build(self.env)
