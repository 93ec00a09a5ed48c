"""What follows from an answer."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

#: While somebody looks at one of these, its items rest.
RESTING = frozenset(("paid", "in_process", "not_mine"))


class ArAnswer(models.Model):
    _inherit = "ar.answer"

    def _apply(self):
        """Do what an accepted answer asks for. Hook: each floor does so for its own
        kinds and calls super for others.

        :return: what followed, in a sentence
        :raise UserError: when it cannot be done any more
        """
        if self.kind in RESTING:
            return self._pause()
        if self.kind == "copy":
            return self._send_copies()
        if self.kind == "contact":
            return self._add_contact()
        return self.env._("Noted.")

    def _get_open_lines(self):
        """Return the journal items it is accepted for, as far as they are open."""
        lines = self.line_ids.filtered("is_taken").line_id
        return lines.filtered(
            lambda line: line.parent_state == "posted" and not line.reconciled
        )

    # -- Pauses ------------------------------------------------------------------------

    def _rest(self):
        """Leave the items alone until somebody has looked: once, for who says so again
        and again is chased on."""
        days = self.company_id.ar_answer_rest_days
        if self.kind in RESTING and days:
            lines = self._get_open_lines() - self._get_rested_lines()
            self._suspend(lines, days)

    def _get_rested_lines(self):
        earlier = self.env["ar.answer.line"].search(
            [
                ("line_id", "in", self.line_ids.line_id.ids),
                ("answer_id", "!=", self.id),
                ("answer_id.kind", "in", list(RESTING)),
            ]
        )
        return earlier.line_id

    def _pause(self):
        self._wake()
        lines = self._get_open_lines()
        days = self.company_id.ar_answer_pause_days
        self._suspend(lines, days)
        if not lines:
            return self.env._("Nothing of it is open any more.")
        return self.env._(
            "%(count)s items are left alone for %(days)s days.",
            count=len(lines),
            days=days,
        )

    def _suspend(self, lines, days):
        """Suspend what is not suspended anyway; today is the first of the days."""
        running = self.env["ar.suspension"].search(
            [("line_id", "in", lines.ids), ("state", "=", "running")]
        )
        until = self.company_id._ar_today() + timedelta(days=days - 1)
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        self.env["ar.suspension"]._suspend(
            lines - running.line_id, "pause", kinds[self.kind], self, date_until=until
        )

    def _wake(self):
        """End what rests because of this answer."""
        self.env["ar.suspension"].search(
            [("source_model", "=", self._name), ("source_id", "in", self.ids)]
        )._end(self.env._("The answer was decided on"))

    # -- Copies ------------------------------------------------------------------------

    def _get_address(self):
        """Return the address on file: copies go nowhere else."""
        return self.link_id.email or self.partner_id.email

    def _send_copies(self):
        address = self._get_address()
        if not address:
            raise UserError(
                self.env._(
                    "%(contact)s has no e-mail address: enter one, or send the copy "
                    "otherwise and refuse this answer.",
                    contact=self.partner_id.display_name,
                )
            )
        moves = self.env["ar.account.page"]._get_documents(self._get_open_lines())
        speaking = self.with_context(lang=self.partner_id.lang)
        speaking._mail_copies(address, moves.with_env(speaking.env))
        return self.env._(
            "%(count)s invoices are sent to %(address)s.",
            count=len(moves),
            address=address,
        )

    def _mail_copies(self, address, moves):
        sender = self.company_id.email_formatted
        self.env["mail.mail"].create(
            {
                "subject": self.env._(
                    "Copies of your invoices, %(company)s", company=self.company_id.name
                ),
                "body_html": self.env["ir.qweb"]._render(
                    "ar_ledger.copies_mail", {"answer": self, "moves": moves}
                ),
                "email_to": address,
                "email_from": sender,
                "reply_to": sender,
                "attachment_ids": [self._prepare_copy(move) for move in moves],
            }
        )

    def _prepare_copy(self, move):
        name, content, mime_type = move._get_ar_pdf()
        return fields.Command.create(
            {"name": name, "raw": content, "mimetype": mime_type}
        )

    # -- Contacts ----------------------------------------------------------------------

    def _add_contact(self):
        """Enter the contact at the customer's, or its new telephone number."""
        customer = self.commercial_partner_id
        known = (customer | customer.child_ids).filtered(
            lambda each: (each.email or "").lower() == self.contact_email.lower()
        )
        if known:
            if self.contact_phone:
                known[0].phone = self.contact_phone
            return self.env._("%(contact)s was known.", contact=known[0].name)
        contact = self.env["res.partner"].create(
            {
                "name": self.contact_name,
                "email": self.contact_email,
                "phone": self.contact_phone,
                "parent_id": customer.id,
                "type": "invoice",
            }
        )
        return self.env._("Contact added: %(contact)s.", contact=contact.name)
