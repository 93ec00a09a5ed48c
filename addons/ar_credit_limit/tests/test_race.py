import threading
from contextlib import closing

import psycopg2.errors

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.orm.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import SQL


class RaceCommon(BaseCase):
    """Real transactions on real connections: what no single transaction can prove.

    It commits to the database and cleans up behind itself. Two quotations of 600, of a
    customer who may owe 1,000.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env.ref("base.main_company")
            self.mode_before = company.ar_credit_limit_mode
            company.ar_credit_limit_mode = "hold"
            env = env(context={"allowed_company_ids": company.ids})
            customer = env["res.partner"].create({"name": "Race", "is_company": True})
            product = env["product.product"].create(
                {"name": "Race", "type": "service", "taxes_id": False}
            )
            env["ar.credit.limit"]._grant(
                customer, company, "amount", 1000.0, reason="Race"
            )
            orders = env["sale.order"].create(
                [
                    {
                        "partner_id": customer.id,
                        "company_id": company.id,
                        "order_line": [
                            (0, 0, {"product_id": product.id, "price_unit": 600.0})
                        ],
                    }
                ]
                * 2
            )
            self.ids = {
                "res.company": company.ids,
                "res.partner": customer.ids,
                "product.template": product.product_tmpl_id.ids,
                "sale.order": orders.ids,
            }
        self.addCleanup(self.clean_up)

    def clean_up(self):
        """Delete by SQL first: decisions cannot be deleted otherwise."""
        with self.registry.cursor() as cr:
            for table in (
                "ar_credit_hold",
                "ar_credit_limit",
                "ar_credit_account",
                "ar_recheck",
                "ar_event",
            ):
                cr.execute(
                    SQL(
                        "DELETE FROM %s WHERE commercial_partner_id = ANY(%s)",
                        SQL.identifier(table),
                        self.ids["res.partner"],
                    )
                )
            cr.execute(
                "UPDATE sale_order SET state = 'cancel' WHERE id = ANY(%s)",
                [self.ids["sale.order"]],
            )
            env = api.Environment(cr, SUPERUSER_ID, {})
            for model in ("sale.order", "product.template", "res.partner"):
                env[model].browse(self.ids[model]).unlink()
            company = env["res.company"].browse(self.ids["res.company"])
            company.ar_credit_limit_mode = self.mode_before

    def order(self, cr, index):
        env = api.Environment(
            cr, SUPERUSER_ID, {"allowed_company_ids": self.ids["res.company"]}
        )
        return env["sale.order"].browse(self.ids["sale.order"][index])


@tagged("post_install", "-at_install")
class TestRace(RaceCommon):
    """Two threads, each with a connection of its own."""

    def test_rival_with_an_old_snapshot_fails(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            order_1, order_2 = self.order(first, 0), self.order(second, 1)
            self.assertFalse(order_1._get_credit_violations())
            self.assertFalse(order_2._get_credit_violations(), "its snapshot is taken")
            order_1.action_confirm()
            first.commit()
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                order_2.action_confirm()
            second.rollback()
            order_2.action_confirm()
            self.assertEqual(order_2.ar_credit_state, "held", "told on the retry")
            second.rollback()

    def test_two_at_the_same_moment_stay_within_the_limit(self):
        """Both have read that there is room, then both confirm, as Odoo serves them:
        with its retry."""
        barrier = threading.Barrier(2, timeout=20)
        outcome = {}

        def confirm(index, order):
            attempts = []

            def attempt():
                attempts.append(order._get_credit_violations())
                if len(attempts) == 1:
                    barrier.wait()
                order.action_confirm()
                return order.state

            with closing(order.env.cr):
                outcome[index] = retrying(attempt, order.env), len(attempts)

        # The registry's lock belongs to the thread that runs the tests.
        self.patch(Registry, "_lock", DummyRLock())
        threads = [
            threading.Thread(
                target=confirm,
                args=(index, self.order(self.registry.cursor(), index)),
                daemon=True,
            )
            for index in range(2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        self.assertEqual(
            sorted(outcome.values()),
            [("draft", 2), ("sale", 1)],
            "one passes; the other is retried and told",
        )

    def test_two_increases_stay_within_the_limit(self):
        """Both have read that there is room for one, then both grow."""
        with self.registry.cursor() as cr:
            self.order(cr, 1).order_line.price_unit = 200.0
            for index in range(2):
                self.order(cr, index).action_confirm()
        with self.registry.cursor() as first, self.registry.cursor() as second:
            order_1, order_2 = self.order(first, 0), self.order(second, 1)
            self.assertEqual((order_1.amount_total, order_2.amount_total), (600, 200))
            order_1.order_line.price_unit = 750.0
            first.commit()  # pylint: disable=invalid-commit
            with self.assertRaises(psycopg2.errors.SerializationFailure):
                order_2.order_line.price_unit = 350.0
            second.rollback()
            with self.assertRaisesRegex(UserError, "over the credit limit"):
                order_2.order_line.price_unit = 350.0
            second.rollback()

    def test_unrelated_work_on_the_customer_goes_on(self):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            self.order(first, 0).action_confirm()
            second.execute("SET lock_timeout = '3s'")
            partner = self.order(second, 1).partner_id
            partner.write({"comment": "Called today", "phone": "1"})
            partner.env.flush_all()
            second.commit()
            first.rollback()

    def test_a_payment_while_the_job_runs_is_not_lost(self):
        """The job takes the customer out of the queue without seeing the payment."""
        with self.registry.cursor() as job, self.registry.cursor() as payment:
            queue = self.order(job, 0).env["ar.recheck"]
            order = self.order(payment, 0)
            customer, company = order.partner_id, order.company_id
            mine = [("commercial_partner_id", "=", customer.id)]
            order.env["ar.recheck"]._add(customer.ids, company)
            payment.commit()  # pylint: disable=invalid-commit
            queue._process(queue.search(mine))
            order.env["ar.recheck"]._add(customer.ids, company)
            payment.commit()  # pylint: disable=invalid-commit
            job.commit()  # pylint: disable=invalid-commit
            self.assertTrue(queue.search(mine))

    def test_hold_is_on_record_after_the_rollback(self):
        with self.registry.cursor() as cr:
            order = self.order(cr, 0)
            order.order_line.price_unit = 5000.0
            order.env.flush_all()
            cr.commit()  # pylint: disable=invalid-commit
            self.assertIn("over the", order._confirmation_error_message())
            cr.rollback()
            order.invalidate_recordset()
            self.assertEqual(order.ar_credit_state, "held")
            self.assertEqual(order.ar_credit_hold_id.amount, 5000.0)

    def test_hold_is_on_record_where_the_caller_goes_on(self):
        with self.registry.cursor() as cr:
            order = self.order(cr, 0)
            order.order_line.price_unit = 5000.0
            self.assertIn("over the", order._confirmation_error_message())
            cr.commit()  # pylint: disable=invalid-commit
            order.invalidate_recordset()
            self.assertEqual(order.ar_credit_state, "held")
            self.assertEqual(len(order.ar_credit_hold_ids), 1)
