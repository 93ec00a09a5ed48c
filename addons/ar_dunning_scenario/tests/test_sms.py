from unittest.mock import patch

import requests
import urllib3

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.sms.tests.common import SMSCase
from odoo.addons.sms.tools.sms_api import SmsApi

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSms(SMSCase, DunningCommon):
    """Short messages, with the provider that Odoo's own tests make up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.template = cls.env.ref("ar_dunning_scenario.sms_template_overdue")
        cls.template.with_context(lang="fr_FR").body = (
            "{{ format_amount(object.amount_net, object.currency_id, "
            "lang_code=object.lang) }} à payer"
        )
        cls.belgium = cls.env.ref("base.be")
        values = {"channel": "sms", "sms_template_id": cls.template.id}
        cls.company.ar_dunning_scenario_id = cls.new_scenario(("text", 5, values))

    def planned(self, phone="0456 00 11 22", **values):
        customer = self.new_customer(
            "Customer", phone=phone, country_id=self.belgium.id, **values
        )
        self.move = self.invoice(customer, due="2026-02-01", amount=1250)
        return self.prepare(customer)

    @mute_logger("odoo.addons.sms.models.sms_sms")
    def deliver(self, **gateway):
        cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
        with (
            self.mockSMSGateway(**gateway),
            self.at("2026-03-02 12:00:00"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_sent_once_in_the_language_of_the_customer(self):
        for lang, words in [("en_US", "1,250.00"), ("fr_FR", "à payer")]:
            with self.subTest(lang):
                reminder = self.planned(lang=lang)
                self.assertIn(words, reminder.outbox_ids.text)
                self.deliver()
                (sms,) = self._sms
                self.assertEqual(sms["number"], "+32456001122")
                self.assertIn(words, sms["body"])
                self.assertEqual(sms["uuid"], reminder.outbox_ids.reference)
                self.assertEqual(reminder.state, "sent")
                self.deliver()
                self.assertFalse(self._sms)
        self.assertFalse(
            self.env["sms.sms"].search([("number", "=", "+32456001122")]),
            "core's queue has nothing to do with it",
        )

    def test_in_the_language_of_its_contact(self):
        """Whatever the language of who gets the e-mail of the same reminder."""
        sms = {"channel": "sms", "role": "manager", "condition": "always"}
        self.company.ar_dunning_scenario_id = self.new_scenario(
            (
                "both",
                5,
                {
                    "sms_template_id": self.template.id,
                    "channel_ids": [Command.create(sms)],
                },
            )
        )
        customer = self.new_customer(
            "Customer", email="c@example.com", country_id=self.belgium.id, lang="en_US"
        )
        boss = {"ar_dunning_role": "manager", "phone": "0456 00 11 22", "lang": "fr_FR"}
        self.env["res.partner"].create(
            {"name": "Boss", "parent_id": customer.id, "type": "other", **boss}
        )
        self.invoice(customer, due="2026-02-01", amount=1250)
        reminder = self.prepare(customer)
        message = reminder.outbox_ids.filtered(lambda m: m.channel == "sms")
        self.assertIn("à payer", message.text)
        self.assertEqual(reminder.lang, "en_US")

    def test_amounts_of_the_moment_unless_edited(self):
        for edited, words in [(None, "1,200.00"), ("Call me", "Call me")]:
            with self.subTest(edited=edited):
                reminder = self.planned()
                message = reminder.outbox_ids
                if edited:
                    message.with_user(self.user_collector).text = edited
                self.pay(self.move, 50)
                self.deliver()
                self.assertIn(words, self._sms[0]["body"])
                self.assertEqual(reminder.amount_net, 1200)

    def test_numbers(self):
        self.env["phone.blacklist"].add("+32456001199")
        for phone, code in [
            (False, "no_address"),
            ("nothing", "no_address"),
            ("0456 00 11 99", "blacklisted"),
        ]:
            with self.subTest(phone=phone):
                reminder = self.planned(phone)
                self.assertEqual(reminder.state, "failed")
                self.assertEqual(reminder.outbox_ids.failure_code, code)
                self.assertIn("Customer", reminder.failure)

    def test_what_the_provider_answers(self):
        for error, state, code, again in [
            ("credit", "failed", "credit", True),
            ("wrong_number_format", "failed", "no_address", False),
            ("unregistered", "failed", "provider", False),
            ("country_not_supported", "failed", "provider", False),
            ("server_error", "uncertain", "broken", False),
            ("jsonrpc_exception", "uncertain", "broken", False),
        ]:
            with self.subTest(error):
                reminder = self.planned()
                self.deliver(sim_error=error)
                message = reminder.outbox_ids
                self.assertEqual((message.state, reminder.state), (state, state))
                self.assertEqual(message.failure_code, code)
                self.assertEqual(bool(message.next_attempt), again)
                self.assertNotIn("<", message.failure)

    def test_no_connection(self):
        """Refused at the door it certainly did not leave; after that, who knows."""
        pool = urllib3.HTTPConnectionPool("localhost")
        refused = urllib3.exceptions.NewConnectionError(pool, "refused")
        for cause, state in [
            (
                requests.exceptions.ConnectionError(
                    urllib3.exceptions.MaxRetryError(pool, "/", refused)
                ),
                "failed",
            ),
            (requests.exceptions.ConnectionError("reset by peer"), "uncertain"),
            (requests.exceptions.ReadTimeout("slow"), "uncertain"),
        ]:
            with self.subTest(cause=cause):
                reminder = self.planned()
                cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
                with (
                    patch.object(SmsApi, "_contact_iap", self.raising(cause)),
                    self.at("2026-03-02 12:00:00"),
                    self.enter_registry_test_mode(),
                ):
                    cron.method_direct_trigger()
                self.env.invalidate_all()
                self.assertEqual(reminder.state, state)
                again = reminder.outbox_ids.next_attempt
                self.assertEqual(bool(again), state == "failed")

    def raising(self, cause):
        """As Odoo's own client does: the cause is its context."""

        def contact(*_args, **_kwargs):
            try:
                raise cause
            except Exception:
                # As it comes from Odoo.
                # pylint: disable-next=translation-required
                raise AccessError("No connection")  # noqa: B904

        return contact

    def test_delivery_reports(self):
        for status, state, code in [
            ("delivered", "delivered", False),
            ("not_delivered", "failed", "provider"),
            ("invalid_destination", "failed", "provider"),
        ]:
            with self.subTest(status):
                reminder = self.planned()
                self.deliver()
                uuid = reminder.outbox_ids.reference
                self.make_jsonrpc_request(
                    "/sms/status",
                    {"message_statuses": [{"sms_status": status, "uuids": [uuid]}]},
                )
                self.env.invalidate_all()
                self.assertEqual(reminder.outbox_ids.state, state)
                self.assertEqual(reminder.state, state)
                self.assertEqual(reminder.outbox_ids.failure_code, code)
                done = {"delivered": "done", "failed": "planned"}[state]
                self.assertEqual(reminder.line_ids.state, done)

    def test_no_words_no_message(self):
        """A template that was deleted leaves nothing to say."""
        scenario = self.company.ar_dunning_scenario_id
        self.env.cr.execute(
            "UPDATE ar_dunning_step SET sms_template_id = NULL WHERE scenario_id = %s",
            [scenario.id],
        )
        self.env.invalidate_all()
        reminder = self.planned()
        self.assertFalse(reminder.outbox_ids.text)
        self.assertEqual(reminder.state, "failed")
        self.assertIn("empty", reminder.failure)
        self.deliver()
        self.assertFalse(self._sms)
