from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditLimit(CreditCommon):
    def in_force(self, partner=None):
        partner = partner or self.customer
        limits = self.env["ar.credit.limit"]._get_in_force(partner, self.company)
        return limits[partner.id][:2]

    def test_newest_grant_is_in_force(self):
        self.grant(amount=2000.0)
        self.assertEqual(self.in_force(), ("amount", 2000.0))
        self.grant(state="none")
        self.assertEqual(self.in_force(), ("none", 0.0))
        self.grant(state="unchecked")
        self.assertEqual(self.in_force(), ("unchecked", 0.0))
        self.assertEqual(self.in_force(self.other_customer), ("unchecked", 0.0))

    def test_temporary_grant_falls_back(self):
        self.grant(amount=5000.0, date_until="2026-03-10")
        for today, expected in (
            ("2026-03-02", 5000.0),
            ("2026-03-10", 5000.0),
            ("2026-03-11", 1000.0),
        ):
            with self.subTest(today=today), self.at(today):
                self.assertEqual(self.in_force(), ("amount", expected))
        self.grant(amount=2000.0)
        with self.at("2026-03-05"):
            self.assertEqual(
                self.in_force(), ("amount", 2000.0), "a newer one supersedes both"
            )

    def test_day_ends_where_the_company_is(self):
        self.company.partner_id.tz = "Pacific/Auckland"
        self.env.registry.clear_cache()
        self.grant(amount=5000.0, date_until="2026-03-10")
        with self.at("2026-03-10 10:30:00"):
            self.assertEqual(self.in_force(), ("amount", 5000.0))
        with self.at("2026-03-10 11:30:00"):
            self.assertEqual(self.in_force(), ("amount", 1000.0), "the 11th there")

    def test_night_lets_core_fall_back(self):
        self.grant(amount=5000.0, date_until="2026-03-10")
        self.assertEqual(self.customer.credit_limit, 5000.0)
        with self.at("2026-03-11"):
            self.run_night()
            self.assertEqual(self.customer.credit_limit, 1000.0)

    def test_grant_keeps_who_when_why(self):
        grant = self.grant(amount=2000.0, reason="Ten good years")
        self.assertRecordValues(
            grant,
            [
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "limit_state": "amount",
                    "amount": 2000.0,
                    "reason": "Ten good years",
                    "decided_by_id": self.user_manager.id,
                }
            ],
        )
        event = self.events("credit_limit")[0]
        self.assertIn("Ten good years", event.text)
        self.assertEqual(event.figures["amount"], 2000.0)
        self.assertEqual(event.user_id, self.user_manager)

    def test_bad_decisions_are_refused(self):
        for case, arguments in {
            "no reason": {"amount": 5.0, "reason": "  "},
            "zero": {"amount": 0.0},
            "negative": {"amount": -5.0},
            "ends before it begins": {"amount": 5.0, "date_until": "2026-03-01"},
        }.items():
            with self.subTest(case), self.assertRaises(UserError):
                self.grant(**arguments)
        self.assertEqual(self.in_force(), ("amount", 1000.0))

    def test_a_grant_of_a_contact_is_the_customers(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.grant(contact, amount=3000.0)
        self.assertEqual(self.in_force(), ("amount", 3000.0))

    def test_branches_share_the_limit_of_the_root(self):
        branch = self.new_branch()
        self.grant(amount=4000.0, company=branch)
        self.assertEqual(self.in_force(), ("amount", 4000.0))
        self.assertEqual(self.customer.with_company(branch).ar_credit_limit, 4000.0)
        self.assertEqual(self.customer.with_company(branch).credit_limit, 4000.0)

    def test_core_field_follows(self):
        unit = self.company.currency_id.rounding
        for state, amount, expected in (
            ("amount", 2500.0, 2500.0),
            ("none", 0.0, unit),
            ("unchecked", 0.0, 0.0),
        ):
            with self.subTest(state):
                self.grant(state=state, amount=amount)
                self.assertEqual(self.customer.credit_limit, expected)

    def test_core_field_follows_the_company_default(self):
        self.env["ir.default"].set(
            "res.partner", "credit_limit", 700.0, company_id=self.company.id
        )
        self.grant(state="unchecked")
        self.assertEqual(self.customer.credit_limit, 700.0)
        self.assertFalse(self.customer.use_partner_credit_limit)

    def test_write_to_core_field_becomes_a_grant(self):
        accountant = self.new_accountant("group_account_manager")
        self.customer.with_user(accountant).write({"credit_limit": 3200.0})
        self.assertEqual(self.in_force(), ("amount", 3200.0))
        newest = self.env["ar.credit.limit"].search([], limit=1)
        self.assertEqual(newest.reason, "Set on the customer form")
        self.assertEqual(self.customer.credit_limit, 3200.0)

    def test_core_form_round_trip(self):
        self.company.account_use_credit_limit = True
        accountant = self.new_accountant("group_account_manager")
        unit = self.company.currency_id.rounding
        for typed, expected in (
            (3200.0, ("amount", 3200.0)),
            (unit, ("none", 0.0)),
            (0.0, ("unchecked", 0.0)),
        ):
            with self.subTest(typed):
                with Form(self.customer.with_user(accountant)) as form:
                    form.use_partner_credit_limit = True
                    form.credit_limit = typed
                self.assertEqual(self.in_force(), expected)
                self.assertEqual(self.customer.credit_limit, typed)
        grants = self.env["ar.credit.limit"].search_count([])
        with Form(self.customer.with_user(accountant)) as form:
            form.comment = "Nothing about credit"
        self.assertEqual(self.env["ar.credit.limit"].search_count([]), grants)

    def test_write_to_core_field_without_authority(self):
        clerk = self.new_accountant("group_account_invoice")
        customer = self.customer.with_user(clerk)
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            customer.write({"credit_limit": 9000.0})
        customer.write({"credit_limit": 1000.0, "comment": "no change"})
        self.assertEqual(self.in_force(), ("amount", 1000.0))

    def test_code_with_superuser_rights_writes_core_field(self):
        clerk = self.new_accountant("group_account_invoice")
        self.customer.with_user(clerk).sudo().credit_limit = 9000.0
        self.assertEqual(self.in_force(), ("amount", 9000.0))
        newest = self.env["ar.credit.limit"].search([], order="id desc", limit=1)
        self.assertEqual(newest.commercial_partner_id, self.customer)
        self.assertEqual(newest.decided_by_id, clerk)
        self.assertIn("by a program", newest.reason)
        with self.assertRaisesRegex(UserError, "Nobody can owe that much"):
            self.customer.with_user(clerk).sudo().credit_limit = 1e300

    def test_new_customer_with_a_limit(self):
        clerk = self.new_accountant("group_account_invoice")
        Partner = self.env["res.partner"].with_user(clerk)
        Partner.create({"name": "As the form sends it", "credit_limit": 0.0})
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            Partner.create({"name": "Generous", "credit_limit": 9000.0})
        partner = self.env["res.partner"].create(
            {"name": "Decided", "credit_limit": 900.0}
        )
        self.assertEqual(self.in_force(partner), ("amount", 900.0))

    def test_contact_takes_the_limit_of_its_customer(self):
        contact = self.env["res.partner"].create({"name": "Buyer"})
        before = self.env["ar.credit.limit"].search_count([])
        contact.with_user(
            self.new_user("contacts", "base.group_user,base.group_partner_manager")
        ).parent_id = self.customer
        self.assertEqual(self.env["ar.credit.limit"].search_count([]), before)
        self.assertEqual(contact.ar_credit_limit, 1000.0)

    def test_switching_on_adopts_limits_of_core(self):
        partner = self.new_customer("Known to core")
        by_default = self.new_customer("Without limit of its own")
        self.company.ar_credit_limit_mode = "off"
        partner.credit_limit = 450.0
        self.assertEqual(
            self.in_force(partner)[0], "unchecked", "nothing is recorded while off"
        )
        self.company.ar_credit_limit_mode = "observe"
        self.assertEqual(self.in_force(partner), ("amount", 450.0))
        self.assertEqual(self.in_force(by_default)[0], "unchecked")
        self.company.ar_credit_limit_mode = "hold"
        grants = self.env["ar.credit.limit"].search(
            [("commercial_partner_id", "=", partner.id)]
        )
        self.assertEqual(len(grants), 1)

    def test_uninstall_puts_core_values_back(self):
        partner = self.new_customer("Restored")
        partner.credit_limit = 450.0
        self.grant(partner, amount=8000.0)
        self.grant(partner, state="none")
        fresh = self.new_customer("Had nothing")
        self.grant(fresh, amount=8000.0)
        self.env["ar.credit.limit"]._restore_core_values()
        self.assertEqual(partner.credit_limit, 450.0)
        self.assertEqual(fresh.credit_limit, 0.0)
        self.env.cr.execute(
            "SELECT credit_limit FROM res_partner WHERE id = %s", [fresh.id]
        )
        self.assertIsNone(self.env.cr.fetchone()[0])

    def test_wizard_on_the_customer_form(self):
        customer = self.customer.with_user(self.user_manager)
        action = customer.action_set_credit_limit()
        wizard_form = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard_form.amount, 1000.0, "starts from what is in force")
        wizard_form.amount = 1800.0
        wizard_form.reason = "More orders from May on"
        wizard_form.save().action_set()
        self.assertEqual(self.in_force(), ("amount", 1800.0))
        with self.assertRaises(AccessError):
            self.customer.with_user(self.user_collector).action_set_credit_limit()

    def test_no_limit_means_nothing_to_say(self):
        customer = self.other_customer.with_company(self.company)
        self.assertRecordValues(
            customer,
            [
                {
                    "ar_limit_state": "unchecked",
                    "ar_credit_limit": 0.0,
                    "ar_credit_available": 0.0,
                    "ar_utilization": 0.0,
                }
            ],
        )

    def new_accountant(self, group):
        return self.new_user(group, f"account.{group},base.group_partner_manager")
