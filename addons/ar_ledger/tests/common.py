from contextlib import contextmanager
from datetime import date

from freezegun import freeze_time

from odoo import fields
from odoo.orm.model_classes import add_to_registry
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

#: The day on which most tests happen: a Monday, no month end, no leap day.
TODAY = "2026-03-02"


class ReceivablesCommon(AccountTestInvoicingCommon):
    """A company with the suite switched on, another with it off, and a clock.

    ``company`` (USD, UTC) is switched on; ``company_b`` is not, and is made for classes
    with ``two_companies`` only. The clock stands at :data:`TODAY` for the whole class;
    ``with self.at("2026-03-10"):`` moves it.
    """

    #: A page's requests wait for each other, on a busy machine longer than 20 s.
    test_cursor_lock_timeout = 60
    #: Values written on ``company``: every floor adds its own switch.
    switches = {"ar_ledger_active": True}
    #: Whether ``company_b`` is made too. Its chart of accounts takes seconds.
    two_companies = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(TODAY))
        cls.company = cls.env.company
        cls.company.partner_id.tz = "UTC"
        cls.switch_on(**cls.switches)
        if cls.two_companies:
            cls.company_b = cls.setup_other_company(name="Company B")["company"]
        cls.eur = cls.setup_other_currency("EUR", rates=[("2020-01-01", 0.5)])
        cls.user_own = cls.new_user("own", "ar_ledger.ar_ledger_group_own")
        cls.user_viewer = cls.new_user("viewer", "ar_ledger.ar_ledger_group_viewer")
        cls.user_collector = cls.new_user(
            "collector", "ar_ledger.ar_ledger_group_collector"
        )
        cls.user_manager = cls.new_user("manager", "ar_ledger.ar_ledger_group_manager")
        cls.customer = cls.new_customer("Customer", user_id=cls.user_own.id)
        cls.other_customer = cls.new_customer("Other Customer")

    @classmethod
    def switch_on(cls, company=None, **switches):
        (company or cls.company).write(switches)

    @classmethod
    def new_user(cls, login, groups, **kwargs):
        """Return a user of ``company`` alone who has the groups and nothing more."""
        return new_test_user(
            cls.env,
            login=f"ar_{login}",
            groups=groups,
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
            **kwargs,
        )

    @classmethod
    def new_customer(cls, name, **values):
        values = {"name": name, "is_company": True, **values}
        return cls.env["res.partner"].create(values)

    @classmethod
    def new_branch(cls, name="Branch", parent=None):
        branch = cls.env["res.company"].create(
            {"name": name, "parent_id": (parent or cls.company).id}
        )
        cls.cr.precommit.run()  # core loads the chart of a branch there
        cls.env.user.company_ids |= branch
        return branch

    @contextmanager
    def at(self, moment):
        """Move the clock, and forget figures computed at another moment."""
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(moment):
            yield
            self.env.flush_all()
        self.env.invalidate_all()

    @contextmanager
    def rolled_back(self):
        """A case of a table: what it made is gone after it."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.registry.clear_cache()

    def start_tour(self, *args, **kwargs):
        """Run a tour, of tests that are an HttpCase too, on a clock that ticks: the
        browser's patience would never end on one that stands still."""
        with freeze_time(TODAY, tick=True):
            return super().start_tour(*args, **kwargs)

    @classmethod
    def invoice(cls, partner=None, amount=100.0, **values):
        """Post an invoice without taxes.

        :param values: ``date``, ``due`` (ISO dates; due on the date itself if not
            given), ``currency``, ``company``, ``move_type``, and fields of the move
        """
        invoice_date = values.pop("date", TODAY)
        due = values.pop("due", None)
        currency = values.pop("currency", None)
        company = values.pop("company", cls.company)
        if due:
            values.update(invoice_payment_term_id=False, invoice_date_due=due)
        move = (
            cls.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": company.id,
                    "partner_id": (partner or cls.customer).id,
                    "invoice_date": invoice_date,
                    "date": invoice_date,
                    "currency_id": (currency or company.currency_id).id,
                    "invoice_line_ids": [
                        fields.Command.create(
                            {"name": "Goods", "price_unit": amount, "tax_ids": False}
                        )
                    ],
                    **values,
                }
            )
        )
        move.action_post()
        return move

    @classmethod
    def pay(cls, invoice, amount=None, on=TODAY):
        """Register a payment of an invoice, whole or in part, reconciled at once."""
        values = {"payment_date": on}
        if amount is not None:
            values.update(amount=amount, payment_difference_handling="open")
        return cls._register_payment(invoice.with_company(invoice.company_id), **values)

    @classmethod
    def receivable_lines(cls, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    @classmethod
    def items(cls, moves):
        """Return the open items of moves, oldest due date first."""
        cls.env.flush_all()
        cls.env["ar.open.item"].invalidate_model()
        return cls.env["ar.open.item"].search([("move_id", "in", moves.ids)])

    @classmethod
    def position(cls, partner, company=None):
        cls.env.flush_all()
        cls.env["ar.position"].invalidate_model()
        return cls.env["ar.position"].search(
            [
                ("commercial_partner_id", "=", partner.id),
                ("company_id", "=", (company or cls.company).id),
            ]
        )

    @classmethod
    def suspend(cls, moves, **kwargs):
        return cls.env["ar.suspension"]._suspend(
            cls.receivable_lines(moves),
            "pause",
            "Agreed by phone",
            cls.env["ar.suspension"],
            **kwargs,
        )

    def run_night(self):
        """Run the nightly job as the scheduler does, at four in the morning."""
        today = fields.Date.to_string(date.today())
        with freeze_time(f"{today} 04:00:00"), self.enter_registry_test_mode():
            self.env.ref("ar_ledger.ir_cron_ar_run_night").method_direct_trigger()
        self.env.invalidate_all()

    @classmethod
    def add_test_model(cls, *model_classes):
        """Register models, or extensions of models, for the tests of one class.

        odoo-test-helper does not import under Odoo 19; this is the one place where
        the suite's tests make fake models, to prove that a hook can be extended.
        """
        names = [model_class._name for model_class in model_classes]
        for model_class in model_classes:
            cls._add_to_registry(model_class)
        cls._set_up_models(names)
        return [cls.env[name] for name in names]

    @classmethod
    def _add_to_registry(cls, model_class):
        name = model_class._name
        if name not in cls.registry:
            cls.addClassCleanup(cls.registry.__delitem__, name)
        else:
            bases = cls.registry[name]._base_classes__
            cls.addClassCleanup(cls._restore_bases, name, bases)
        add_to_registry(cls.registry, model_class)

    @classmethod
    def _restore_bases(cls, name, bases):
        cls.registry[name]._base_classes__ = bases
        cls.registry._setup_models__(cls.env.cr, [name])

    @classmethod
    def _set_up_models(cls, names):
        cls.registry._setup_models__(cls.env.cr, names)
        cls.registry.init_models(cls.env.cr, names, {"models_to_check": True})
