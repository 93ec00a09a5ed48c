from datetime import timedelta

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.orm.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged


@tagged("post_install", "-at_install")
class TestPromiseRace(BaseCase):
    """Two people promise the same item at the same moment, on real connections."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env.ref("base.main_company")
            self.before = (company.ar_ledger_active, company.ar_dunning_active)
            company.write({"ar_ledger_active": True, "ar_dunning_active": True})
            env = env(context={"allowed_company_ids": company.ids})
            customer = env["res.partner"].create({"name": "Race", "is_company": True})
            invoice = env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": fields.Date.today() - timedelta(days=60),
                    "invoice_line_ids": [
                        fields.Command.create(
                            {"name": "Race", "price_unit": 50.0, "tax_ids": False}
                        )
                    ],
                }
            )
            invoice.action_post()
            self.invoice_id, self.customer_id = invoice.id, customer.id
        self.addCleanup(self.clean_up)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            for table in ("ar_promise", "ar_payment_plan", "ar_event"):
                cr.execute(
                    f"DELETE FROM {table} WHERE commercial_partner_id = %s",
                    [self.customer_id],
                )
            invoice = env["account.move"].browse(self.invoice_id)
            cr.execute(
                "DELETE FROM ar_suspension WHERE line_id = ANY(%s)",
                [invoice.line_ids.ids],
            )
            env.invalidate_all()
            invoice.button_draft()
            invoice.with_context(force_delete=True).unlink()
            cr.execute(
                "DELETE FROM ar_event WHERE commercial_partner_id = %s",
                [self.customer_id],
            )
            env["res.partner"].browse(self.customer_id).unlink()
            names = ("ar_ledger_active", "ar_dunning_active")
            company = env.ref("base.main_company")
            company.write(dict(zip(names, self.before, strict=True)))

    def promise(self, cr, is_plan=False):
        env = api.Environment(cr, SUPERUSER_ID, {})
        company = env.ref("base.main_company")
        env = env(context={"allowed_company_ids": company.ids})
        line = env["account.move"].browse(self.invoice_id).line_ids
        line = line.filtered(lambda item: item.display_type == "payment_term")
        day = company._ar_today() + timedelta(days=3)
        if is_plan:
            later = day + timedelta(days=7)
            env["ar.payment.plan"]._record(line, [(day, 25.0), (later, 25.0)])
        else:
            env["ar.promise"]._record(line, day)
        env.flush_all()

    def test_the_second_is_told(self):
        for is_plan in (False, True):
            with self.subTest(is_plan=is_plan):
                self.assert_second_is_told(is_plan)
                self.forget()

    def assert_second_is_told(self, is_plan):
        with self.registry.cursor() as first, self.registry.cursor() as second:
            second.execute("SELECT 1")  # its snapshot is taken before the first commits
            second.execute("SELECT COUNT(*) FROM ar_promise")
            self.promise(first)
            first.commit()  # pylint: disable=invalid-commit
            with self.assertRaises(SerializationFailure):
                self.promise(second, is_plan)
            second.rollback()
            with self.assertRaises(UserError):
                self.promise(second, is_plan)
            second.rollback()

    def forget(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "DELETE FROM ar_promise WHERE commercial_partner_id = %s",
                [self.customer_id],
            )
            cr.execute("DELETE FROM ar_suspension WHERE kind = 'promise'")
