from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ..channels import EmailChannel, Problem


class Reach(NamedTuple):
    """Whom a message goes to, where, and who gets a copy; or why it cannot."""

    contact: object
    address: str | None
    problem: Problem | None
    copies: tuple = ()


class ArDunningReminderContacts(models.Model):
    """Whom to write to: by role, and whom else where that one cannot be reached."""

    _inherit = "ar.dunning.reminder"

    @api.model
    def _get_contacts(self, company, partner_ids):
        """Return {customer id: contact id} of who is asked, before the channel is
        known: whoever does the accounting and can be written to.

        :param company: root res.company that asks
        """
        customers = self.env["res.partner"].browse(partner_ids)
        reaches = self._choose_contacts(
            company, customers, EmailChannel(self.env), "accounting"
        )
        return {customer: reach.contact.id for customer, reach in reaches.items()}

    @api.model
    def _choose_contacts(self, company, customers, channel, role):
        """Return {customer id: :class:`Reach`} in a constant number of queries.

        A contact with the role, else an invoice address, else the customer itself, else
        any other invoice address: the first one that the channel can reach.

        :param company: root res.company that asks; contacts of others are not its own
        :param customers: commercial partners
        """
        candidates = self._get_candidates(company, customers)
        addresses = channel.get_addresses(candidates)
        by_customer = candidates.grouped("commercial_partner_id")
        return {
            customer.id: self._choose_contact(
                customer,
                [
                    self._get_reach(contact, addresses[contact.id])
                    for contact in by_customer.get(customer, ())
                ],
                role,
                channel.takes_copies,
            )
            for customer in customers
        }

    @api.model
    def _choose_contact(self, customer, reaches, role, with_copies):
        ranked = sorted(
            (reach.problem is not None, rank, reach.contact.id, reach)
            for reach in reaches
            if (rank := self._get_rank(reach.contact, role)) is not None
        )
        if not ranked:
            return self._get_nobody(customer)
        chosen = ranked[0][-1]
        copies = [
            reach.address
            for reach in reaches
            if with_copies
            and reach.contact.ar_dunning_role == "copy"
            and reach.address not in (None, chosen.address)
        ]
        return chosen._replace(copies=tuple(copies))

    @api.model
    def _get_reach(self, contact, found):
        if isinstance(found, Problem):
            return Reach(contact, None, found)
        return Reach(contact, found, None)

    @api.model
    def _get_rank(self, contact, role):
        """Return the place of a contact in the chain, None if it is not in it."""
        if contact.ar_dunning_role == role:
            return 0
        if contact.type == "invoice" and not contact.ar_dunning_role:
            return 1
        if contact == contact.commercial_partner_id:
            return 2
        return 3 if contact.type == "invoice" else None

    @api.model
    def _get_nobody(self, customer):
        text = self.env._(
            "%(customer)s is archived, and so are its contacts.",
            customer=customer.display_name,
        )
        return Reach(customer, None, Problem("no_address", text))

    @api.model
    def _get_candidates(self, company, customers):
        partners = self.env["res.partner"].sudo().with_context(active_test=True)
        shared = Domain("company_id", "=", False)
        ours = shared | Domain("company_id", "child_of", company.ids)
        in_charge = Domain("type", "=", "invoice") | Domain(
            "ar_dunning_role", "!=", False
        )
        return partners.search_fetch(
            Domain("commercial_partner_id", "in", customers.ids)
            & (Domain("id", "in", customers.ids) | ours & in_charge),
            self._get_contact_fields(),
            order="id",
        )

    @api.model
    def _get_contact_fields(self):
        """Return what the channels read of a contact. Hook: call super, add yours."""
        return [
            "commercial_partner_id",
            "type",
            "ar_dunning_role",
            "name",
            "email",
            "message_bounce",
            "phone",
            "phone_sanitized",
            "lang",
            "street",
            "zip",
            "city",
            "country_id",
        ]

    def _set_contacts_by(self, channel, role):
        """Address reminders that have no messages, the ones to call for instance."""
        for company, reminders in self.grouped("company_id").items():
            reaches = self._choose_contacts(
                company, reminders.commercial_partner_id, channel, role
            )
            for reminder in reminders:
                reach = reaches[reminder.commercial_partner_id.id]
                reminder.partner_id = reach.contact

    def _set_main_contacts(self):
        """Show on the reminder whom its first message that may arrive goes to."""
        for reminder in self:
            outbox = reminder.outbox_ids.sorted("id")
            alive = outbox.filtered(lambda m: m.state not in ("failed", "cancelled"))
            main = (alive or outbox)[:1]
            mail = outbox.filtered(lambda m: m.channel == "email")
            if reminder.partner_id != main.partner_id:
                reminder.partner_id = main.partner_id
            if reminder.email_to != mail.address:
                reminder.email_to = mail.address

    def _set_languages(self):
        """Speak the language of the contact, else of the customer, else our own."""
        for reminder in self:
            lang = reminder._choose_language(reminder.partner_id)
            if reminder.lang != lang:
                reminder.lang = lang

    def _choose_language(self, contact):
        """Return the language in which a contact is written to: an active one."""
        return self._get_first_active_language(
            contact.lang,
            self.commercial_partner_id.lang,
            self.company_id.partner_id.lang,
        )

    def _get_active_language(self):
        """Return the language of the reminder, or where it was deactivated since, the
        one in which it would be written now."""
        return self._get_first_active_language(
            self.lang, self._choose_language(self.partner_id)
        )

    @api.model
    def _get_first_active_language(self, *codes):
        active = [code for code, _name in self.env["res.lang"].get_installed()]
        known = [code for code in codes if code in active]
        return next(iter(known), "en_US" if "en_US" in active else active[0])
