from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.ar_ledger.wizard.ar_health import DANGER, OK, WARNING, Check

#: A message that waits longer than this has been forgotten by the machine.
STUCK_AFTER = timedelta(days=2)

OUTBOX = "ar_dunning_scenario.ar_dunning_message_action"
ITEMS = "ar_dunning_scenario.ar_dunning_item_action"


class ArHealth(models.TransientModel):
    """What keeps customers from being asked, and messages from arriving."""

    _inherit = "ar.health"

    @api.model
    def _get_checks(self, company):
        checks = super()._get_checks(company)
        if not company.ar_dunning_active:
            return checks
        return [
            *checks,
            *self._check_sending(company),
            *self._check_messages(company),
            *self._check_coverage(company),
            *self._check_standing(company),
        ]

    @api.model
    def _check_sending(self, company):
        """What stops all messages of the company."""
        area = self.env._("Sending")
        stale = company._get_ar_stale_books()
        yield Check(
            area,
            self.env._("Payments are booked"),
            1 if stale else 0,
            DANGER if stale else OK,
            stale or "",
            self._get_books_action() if stale else None,
        )
        pauses = self.env["ar.dunning.pause"]
        domain = Domain("company_id", "=", company.id) & Domain("is_over", "=", False)
        counts = pauses._read_group(
            domain, ["scenario_id", "commercial_partner_id"], ["__count"]
        )
        whole = sum(n for scenario, customer, n in counts if not (scenario or customer))
        yield self._check(
            area,
            self.env._("The whole company is paused"),
            whole,
            WARNING,
            self.env._("Nothing is planned until the pause ends: resume it."),
            "ar_dunning_scenario.ar_dunning_pause_action",
            domain
            & Domain("scenario_id", "=", False)
            & Domain("commercial_partner_id", "=", False),
        )
        yield self._check(
            area,
            self.env._("Customers and scenarios that are paused"),
            sum(count for _scenario, _customer, count in counts) - whole,
            OK,
            "",
            "ar_dunning_scenario.ar_dunning_pause_action",
            domain,
        )

    @api.model
    def _get_books_action(self):
        return self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_books_action"
        )

    @api.model
    def _check_messages(self, company):
        """Messages that did not arrive, by reason, and those nobody knows of."""
        area = self.env._("Messages")
        messages = self.env["ar.dunning.message"]
        of_company = Domain("company_id", "=", company.id)
        failed = of_company & Domain("state", "=", "failed")
        labels = dict(messages._fields["failure_code"]._description_selection(self.env))
        for code, count in messages._read_group(failed, ["failure_code"], ["__count"]):
            yield self._check(
                area,
                self.env._(
                    "Failed: %(reason)s",
                    reason=labels.get(code) or self.env._("Something else"),
                ),
                count,
                DANGER,
                self._get_failure_advice(code),
                OUTBOX,
                failed & Domain("failure_code", "=", code),
            )
        uncertain = of_company & Domain("state", "=", "uncertain")
        yield self._check(
            area,
            self.env._("Uncertain: nobody knows whether they arrived"),
            messages.search_count(uncertain),
            DANGER,
            self.env._("Ask the customer or the mail server; they are not sent again."),
            OUTBOX,
            uncertain,
        )
        stuck = of_company & self._get_stuck_domain(company)
        yield self._check(
            area,
            self.env._("Stuck: queued or sending for more than two days"),
            messages.search_count(stuck),
            DANGER,
            self.env._(
                "Is the scheduled action on? Letters wait until they are printed."
            ),
            OUTBOX,
            stuck,
        )

    @api.model
    def _get_stuck_domain(self, company):
        return Domain("state", "in", ("queued", "sending")) & Domain(
            "date", "<", company._ar_today() - STUCK_AFTER
        )

    @api.model
    def _get_failure_advice(self, code):
        advice = {
            "no_address": self.env._(
                "Enter the address on the contact, then try again."
            ),
            "blacklisted": self.env._(
                "The contact wants no mail: call, write a letter, or ask."
            ),
            "bounced": self.env._("Correct the address, then try again."),
            "refused": self.env._("Correct the address, then try again."),
            "connect": self.env._("Look at the outgoing mail server."),
            "sender": self.env._(
                "Give the company or the collector an e-mail address."
            ),
            "template": self.env._("Repair the text of the step, then try again."),
            "document": self.env._("Repair the document, then try again."),
            "credit": self.env._("Buy credit with the provider, then try again."),
        }
        return advice.get(code) or self.env._("Read what went wrong, then try again.")

    @api.model
    def _check_coverage(self, company):
        """Customers and invoices that nobody asks for."""
        area = self.env._("Coverage")
        partners = self.env["res.partner"].with_company(company)
        without = Domain("ar_without_scenario", "=", True)
        yield self._check(
            area,
            self.env._("Customers without a scenario"),
            partners.search_count(without),
            WARNING,
            self.env._("They are not asked at all: assign one, or set a default."),
            "ar_dunning_scenario.res_partner_action_without_scenario",
            without,
        )
        items = self.env["ar.dunning.item"]
        of_company = Domain("company_id", "=", company.id)
        for name, domain, level, advice in (
            (
                self.env._("Invoices that were never sent"),
                Domain("is_unsent", "=", True),
                WARNING,
                self.env._("Send them, or say that they were sent another way."),
            ),
            (
                self.env._("Items to decide about"),
                Domain("must_decide", "=", True),
                WARNING,
                self.env._("Their amicable phase is over: no step comes by itself."),
            ),
            (
                self.env._("Due, but not asked for today"),
                Domain("wait_reason", "!=", False),
                OK,
                "",
            ),
        ):
            yield self._check(
                area,
                name,
                items.search_count(of_company & domain),
                level,
                advice,
                ITEMS,
                of_company & domain,
            )

    @api.model
    def _check_standing(self, company):
        """What waits for a person."""
        area = self.env._("Waiting for a person")
        reminders = self.env["ar.dunning.reminder"]
        late = (
            Domain("company_id", "=", company.id)
            & Domain("state", "=", "draft")
            & Domain("date", "<", company._ar_today() - STUCK_AFTER)
        )
        yield self._check(
            area,
            self.env._("Calls and reminders nobody looked at for two days"),
            reminders.search_count(late),
            WARNING,
            self.env._("The steps after them wait, too: do them, or cancel them."),
            "ar_dunning_scenario.ar_dunning_reminder_action",
            late,
        )
