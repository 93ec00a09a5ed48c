from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestEffect(DunningCommon):
    """What each step brought in. Today is 2 March 2026."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(("first", 5, {}), ("second", 10, {}))
        cls.customer.ar_dunning_scenario_id = cls.ladder

    def sent(self, day, *customers):
        with self.at(day):
            reminders = self.prepare(*customers or [self.customer])
            self.done(reminders)
        return reminders

    def effects(self, move=None):
        self.env.flush_all()
        domain = [("move_id", "=", move.id)] if move else []
        return self.env["ar.dunning.effect"].search(domain, order="date, id")

    def figures(self, move):
        names = ("amount_asked", "paid_7", "paid_14", "paid_30", "amount_paid")
        return [tuple(effect[name] for name in names) for effect in self.effects(move)]

    def test_periods(self):
        for day, expected in [
            ("2026-03-01", (100, 0, 0, 0, 0)),
            ("2026-03-02", (100, 100, 100, 100, 100)),
            ("2026-03-09", (100, 100, 100, 100, 100)),
            ("2026-03-10", (100, 0, 100, 100, 100)),
            ("2026-03-17", (100, 0, 0, 100, 100)),
            ("2026-04-02", (100, 0, 0, 0, 100)),
        ]:
            with self.subTest(day), self.rolled_back():
                self.ladder.step_ids[1:].unlink()
                move = self.invoice(due="2026-02-20", amount=100)
                self.sent("2026-03-02")
                self.pay(move, on=day)
                self.assertEqual(self.figures(move), [expected])

    def test_counts_for_the_last_step_before_it(self):
        move = self.invoice(due="2026-02-20", amount=100)
        self.sent("2026-03-02")
        self.sent("2026-03-04")
        self.pay(move, 30, on="2026-03-03")
        self.pay(move, 50, on="2026-03-04")
        self.assertEqual(
            self.figures(move), [(100, 30, 30, 30, 30), (100, 50, 50, 50, 50)]
        )
        first, second = self.effects(move)
        self.assertEqual((first.days_to_pay, second.days_to_pay), (1, 0))
        self.assertEqual((first.rate_14, second.rate_14), (0.3, 0.5))

    def test_what_is_no_payment(self):
        move = self.invoice(due="2026-02-20", amount=100)
        self.sent("2026-03-02")
        refund = self.invoice(move_type="out_refund", amount=40, date="2026-03-03")
        (self.receivable_lines(move) | self.receivable_lines(refund)).reconcile()
        self.pay(move, on="2026-03-04")
        self.assertEqual(self.figures(move), [(100, 60, 60, 60, 60)])
        self.receivable_lines(move).remove_move_reconcile()
        self.assertEqual(self.figures(move), [(100, 0, 0, 0, 0)])

    def test_what_was_not_sent_is_not_there(self):
        for state, found in [
            ("draft", 0),
            ("ready", 0),
            ("failed", 0),
            ("uncertain", 0),
            ("cancelled", 0),
            ("sent", 1),
            ("delivered", 1),
        ]:
            with self.subTest(state), self.rolled_back():
                move = self.invoice(due="2026-02-20")
                reminder = self.prepare(self.customer)
                reminder._set_sent()
                reminder.state = state
                self.assertEqual(len(self.effects(move)), found)

    def test_instalments_and_currency(self):
        """Each instalment for itself, in the company's currency at the invoice's
        rate."""
        rate = self.env["res.currency"]._get_conversion_rate(
            self.eur, self.company.currency_id, self.company, fields.Date.today()
        )
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    (0, 0, {"value": "percent", "value_amount": 50, "nb_days": days})
                    for days in (0, 10)
                ],
            }
        )
        move = self.invoice(
            date="2026-02-10",
            amount=200,
            currency=self.eur,
            invoice_payment_term_id=term.id,
        )
        self.sent("2026-03-02")
        asked = self.effects(move).mapped("amount_asked")
        lines = self.receivable_lines(move)
        self.assertEqual(sorted(asked), sorted(lines.mapped("balance")))
        self.assertEqual(len(asked), 2)
        self.assertTrue(rate)

    def test_by_channel_text_and_version(self):
        self.invoice(due="2026-02-20")
        self.sent("2026-03-02")
        effect = self.effects()
        self.assertEqual(effect.channel, "email")
        self.assertEqual(effect.template_id, self.ladder.step_ids[0].template_id)
        self.assertEqual((effect.scenario_id, effect.version), (self.ladder, 1))
        [(step, asked, rate)] = self.env["ar.dunning.effect"]._read_group(
            [], ["step_name"], ["amount_asked:sum", "rate_14:avg"]
        )
        self.assertEqual((step, asked, rate), ("First", 100, 0))

    def test_history_of_a_deleted_invoice_is_gone_from_it(self):
        move = self.invoice(due="2026-02-20")
        self.sent("2026-03-02")
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.assertFalse(self.effects())

    def test_roles_and_companies(self):
        self.company_b.ar_ledger_active = self.company_b.ar_dunning_active = True
        self.company_b.ar_dunning_scenario_id = self.ladder
        self.invoice(due="2026-02-20")
        self.invoice(due="2026-02-20", company=self.company_b)
        self.sent("2026-03-02")
        self.done(self.prepare(self.customer, company=self.company_b))
        self.env.flush_all()
        effects = self.env["ar.dunning.effect"].with_user(self.user_viewer)
        for company in (self.company, self.company_b):
            if company in self.user_viewer.company_ids:
                mine = effects.with_context(allowed_company_ids=company.ids).search([])
                self.assertEqual(mine.company_id, company)
        with self.assertRaises(AccessError):
            self.env["ar.dunning.effect"].with_user(self.user_own).search([])
