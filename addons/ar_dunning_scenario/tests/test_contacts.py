from odoo.tests import tagged

from ..channels import EmailChannel
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestContacts(DunningCommon):
    """Whom a step reaches, by role, and whom else where that one is not reached."""

    def contact(self, name, customer, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "parent_id": customer.id,
                "type": "contact",
                "email": f"{name}@example.com",
                **values,
            }
        )

    def choose(self, customer, role="accounting"):
        channel = EmailChannel(self.env)
        return self.reminders._choose_contacts(self.company, customer, channel, role)[
            customer.id
        ]

    def test_chain(self):
        """The names of the contacts there are, and which of them is written to."""
        kinds = {
            "accounting": {"ar_dunning_role": "accounting"},
            "manager": {"ar_dunning_role": "manager"},
            "invoice": {"type": "invoice"},
            "boss_invoice": {"type": "invoice", "ar_dunning_role": "manager"},
            "plain": {},
        }
        for role, names, customer_email, expected in [
            ("accounting", ["accounting", "manager", "invoice"], True, "accounting"),
            ("manager", ["accounting", "manager", "invoice"], True, "manager"),
            ("manager", ["accounting", "invoice"], True, "invoice"),
            ("accounting", ["manager", "invoice"], True, "invoice"),
            ("accounting", ["manager", "plain"], True, "Customer"),
            ("accounting", ["boss_invoice"], True, "Customer"),
            ("accounting", ["boss_invoice", "plain"], False, "boss_invoice"),
            ("accounting", ["plain", "manager"], False, None),
            ("manager", [], True, "Customer"),
        ]:
            with self.subTest(role=role, names=names, customer_email=customer_email):
                customer = self.new_customer(
                    "Customer", email=customer_email and "customer@example.com"
                )
                for name in names:
                    self.contact(name, customer, **kinds[name])
                reach = self.choose(customer, role)
                if expected is None:
                    self.assertEqual(reach.problem.code, "no_address")
                    continue
                self.assertEqual(reach.contact.name, expected)
                self.assertIn(reach.contact.email, reach.address)

    def test_who_is_not_written_to(self):
        for name, spoil, code in [
            ("no address", lambda c: c.write({"email": False}), "no_address"),
            ("malformed", lambda c: c.write({"email": "not one"}), "no_address"),
            ("archived", lambda c: c.write({"active": False}), "no_address"),
            ("bounced", lambda c: c.write({"message_bounce": 1}), "bounced"),
            (
                "blacklisted",
                lambda c: self.env["mail.blacklist"]._add(c.email),
                "blacklisted",
            ),
        ]:
            with self.subTest(name):
                customer = self.new_customer("Customer", email="customer@example.com")
                contact = self.contact(
                    "accounts", customer, ar_dunning_role="accounting"
                )
                contact.email = f"{name.replace(' ', '')}@example.com"
                spoil(contact)
                self.assertEqual(self.choose(customer).contact, customer)
                alone = self.new_customer("Alone", email=f"{code}@example.com")
                spoil(alone)
                reach = self.choose(alone)
                self.assertEqual((reach.contact, reach.address), (alone, None))
                self.assertEqual(reach.problem.code, code)
                self.invoice(alone, due="2026-02-01")
                reminder = self.prepare(alone)
                self.assertEqual(reminder.state, "failed")
                self.assertEqual(reminder.outbox_ids.failure_code, code)
                self.assertIn("Alone", reminder.failure)

    def test_copies(self):
        customer = self.new_customer("Customer", email="customer@example.com")
        self.contact("copy", customer, ar_dunning_role="copy")
        self.contact("gone", customer, ar_dunning_role="copy", active=False)
        self.contact("silent", customer, ar_dunning_role="copy", email=False)
        self.invoice(customer, due="2026-02-01")
        message = self.prepare(customer).outbox_ids
        self.assertIn("customer@example.com", message.address)
        self.assertEqual(message.address_cc, '"copy" <copy@example.com>')

    def test_step_says_whom_it_addresses(self):
        self.contact("boss", self.customer, ar_dunning_role="manager", phone="1234")
        for channel in ("email", "call"):
            with self.subTest(channel):
                self.company.ar_dunning_scenario_id = self.new_scenario(
                    ("boss", 5, {"channel": channel, "role": "manager"})
                )
                self.invoice(due="2026-02-01")
                reminder = self.prepare()
                self.assertEqual(reminder.partner_id.name, "boss")

    def test_queries_do_not_grow_with_customers(self):
        self.count_queries(2)  # warms the caches
        self.assertEqual(self.count_queries(2), self.count_queries(30))

    def count_queries(self, number):
        customers = self.env["res.partner"]
        for index in range(number):
            customer = self.new_customer(f"C{index}", email=f"c{index}@example.com")
            self.contact("accounts", customer, ar_dunning_role="accounting")
            self.contact("copy", customer, ar_dunning_role="copy")
            customers |= customer
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        channel = EmailChannel(self.env)
        self.reminders._choose_contacts(self.company, customers, channel, "accounting")
        return self.env.cr.sql_log_count - before

    def test_contacts_of_another_company_are_not_ours(self):
        other = self.env["res.company"].create({"name": "Other"})
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        customer = self.new_customer("Customer", email="c@example.com")
        for company, expected in [(other, customer.name), (branch, "b"), (False, "a")]:
            name = {other: "o", branch: "b"}.get(company, "a")
            contact = self.contact(name, customer, ar_dunning_role="accounting")
            contact.company_id = company
            copy = self.contact(f"{name}c", customer, ar_dunning_role="copy")
            copy.company_id = company
            chosen = self.choose(customer)
            self.assertEqual(chosen.contact.name, expected)
            copied = f"{name}c@example.com" in str(chosen.copies)
            self.assertEqual(copied, company != other)
            contact.active = copy.active = False
