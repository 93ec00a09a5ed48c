import threading
import time

from odoo import SUPERUSER_ID, api, fields
from odoo.orm.registry import DummyRLock, Registry
from odoo.tests import tagged
from odoo.tools import SQL

from .test_race import RaceCommon


@tagged("post_install", "-at_install")
class TestRacePosting(RaceCommon):
    """Deciding on a customer's credit and the accountants' work on that customer do not
    wait for each other."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            company = self.order(cr, 0).company_id
            customer = self.order(cr, 0).partner_id
            env = company.with_company(company).env
            other = env["res.partner"].create({"name": "Rival", "is_company": True})
            invoices = env["account.move"].create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": customer.id,
                        "invoice_date": fields.Date.today(),
                        "invoice_line_ids": [
                            fields.Command.create(
                                {"name": "Race", "price_unit": 50.0, "tax_ids": False}
                            )
                        ],
                    }
                ]
                * 2
            )
            invoices[0].action_post()
            self.ids["account.move"] = invoices.ids
            self.ids["res.partner"] += other.ids

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partners = self.ids["res.partner"]
            of_ours = [("partner_id", "in", partners)]
            env["account.payment.register"].search(of_ours).unlink()
            payments = env["account.payment"].search(of_ours)
            entries = payments.move_id
            payments.action_draft()
            payments.unlink()
            moves = env["account.move"].browse(self.ids.get("account.move")) | entries
            moves = moves.exists()
            moves.filtered(lambda move: move.state != "draft").button_draft()
            moves.with_context(force_delete=True).unlink()
        super().clean_up()

    def post_and_pay(self, cr):
        env = self.order(cr, 0).env
        posted, draft = env["account.move"].browse(self.ids["account.move"])
        draft.action_post()
        wizard = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=posted.ids
        )
        wizard.create({})._create_payments()
        env.flush_all()

    def confirm(self, cr):
        order = self.order(cr, 0)
        order.action_confirm()
        order.env.flush_all()

    def test_posting_and_payment_beside_a_decision(self):
        self.assert_both_done(self.confirm, self.post_and_pay)

    def test_decision_beside_posting_and_payment(self):
        self.assert_both_done(self.post_and_pay, self.confirm)

    def assert_both_done(self, do_first, do_second):
        """The one is not committed yet when the other is done: both come through."""
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SET lock_timeout = '3s'")
            do_first(first)
            do_second(second)
            second.commit()  # pylint: disable=invalid-commit
            first.commit()  # pylint: disable=invalid-commit
        with self.registry.cursor() as cr:
            order = self.order(cr, 0)
            moves = order.env["account.move"].browse(self.ids["account.move"])
            self.assertEqual((order.state, order.ar_credit_state), ("sale", "ok"))
            self.assertEqual(moves.mapped("state"), ["posted", "posted"])
            self.assertIn(moves[0].payment_state, ("paid", "in_payment"))
            waiting = order.env["ar.recheck"].search(
                [("commercial_partner_id", "=", order.partner_id.id)]
            )
            self.assertTrue(waiting, "the payment is looked at")

    def test_batches_take_customers_in_one_order(self):
        """Two batches with the same customers, named in any order, queue up before the
        first of them: none holds what the other one waits for."""
        with self.registry.cursor() as holder, self.registry.cursor() as batch:
            accounts = self.order(batch, 0).env["ar.credit.account"]
            company = self.order(batch, 0).company_id
            low, high = (
                accounts.env["res.partner"].browse(id_)
                for id_ in sorted(self.ids["res.partner"])
            )
            accounts._serialize(low | high, company)
            batch.commit()  # pylint: disable=invalid-commit
            self.lock(holder, low)
            batch.execute("SELECT pg_backend_pid()")
            (pid,) = batch.fetchone()
            thread = threading.Thread(
                target=accounts._serialize, args=(high | low, company), daemon=True
            )
            self.patch(Registry, "_lock", DummyRLock())
            thread.start()
            self.wait_until_blocked(pid)
            with self.registry.cursor() as rival:
                self.lock(rival, high)
                rival.rollback()
            holder.rollback()
            thread.join(20)
            self.assertFalse(thread.is_alive())
            batch.rollback()

    def lock(self, cr, partner):
        cr.execute(
            SQL(
                "SELECT FROM ar_credit_account WHERE commercial_partner_id = %s"
                " FOR UPDATE NOWAIT",
                partner.id,
            )
        )

    def wait_until_blocked(self, pid):
        with self.registry.cursor() as cr:
            for _each in range(200):
                cr.execute("SELECT pg_blocking_pids(%s)", [pid])
                if cr.fetchone()[0]:
                    return
                time.sleep(0.05)
        self.fail("the batch does not wait for its first customer")
