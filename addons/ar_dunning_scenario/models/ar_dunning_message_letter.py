from odoo import fields, models
from odoo.exceptions import UserError

from ..channels import Problem
from .ar_dunning_message import ARRIVED

#: Rendering takes a second a letter: more would outlast the patience of a browser.
LETTERS_PER_BATCH = 200


class ArDunningMessageLetter(models.Model):
    """What is particular to letters: printed in a pile, posted by a person."""

    _inherit = "ar.dunning.message"
    _open_fields = frozenset(
        {"text", "tracking_number", "proof", "proof_name", "received_on"}
    )

    batch_id = fields.Many2one(
        "ar.dunning.print.batch",
        string="Print Batch",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    letter_id = fields.Many2one("ir.attachment", readonly=True, ondelete="set null")
    tracking_number = fields.Char(help="The number of a registered letter.")
    proof = fields.Binary(help="The receipt of the post, or of the addressee.")
    proof_name = fields.Char()
    received_on = fields.Date(help="When the addressee received a registered letter.")

    def write(self, vals):
        if vals.get("received_on"):
            self._check_receivable()
        result = super().write(vals)
        if vals.get("received_on"):
            self.sudo()._on_delivered()
        return result

    def _check_receivable(self):
        """Only what was posted and registered is received on a day that is known; the
        day itself may be put right."""
        for message in self:
            posted = message.state in (*ARRIVED, "uncertain")
            if message.channel != "registered" or not posted:
                raise UserError(
                    self.env._(
                        "%(message)s: only a registered letter that was posted has a "
                        "day of receipt.",
                        message=message.display_name,
                    )
                )

    def action_print(self):
        """Print the selected letters, one pile per company."""
        self.reminder_id._check_collector()
        letters = self.filtered(lambda m: m._is_printable())
        self.reminder_id._check_any(
            letters,
            self.env._("None of these is a letter that waits to be printed."),
        )
        letters.company_id._check_ar_books()
        return letters.sudo()._print()

    def _is_printable(self):
        on_paper = self._get_channel().has_outbox and not self._get_channel().by_machine
        released = self.reminder_id.state != "draft"
        return on_paper and released and self.state == "queued" and not self.batch_id

    def _is_printed(self):
        """Tell whether it lies on paper that nobody posted yet: what was printed must
        be what is on record."""
        return self.state == "queued" and bool(self.batch_id)

    def _print(self):
        """Re-check and print letters; what cannot be printed stands on its row.

        :return: the action that opens the batches
        """
        batches = self.env["ar.dunning.print.batch"]
        for company, letters in self[:LETTERS_PER_BATCH].grouped("company_id").items():
            printed = {}
            for letter in letters.try_lock_for_update():
                if content := letter._print_one():
                    printed[letter] = content
            if printed:
                batches |= batches._make(company, printed)
        if not batches:
            # An exception would take back what stands on the rows now.
            return self._tell_nothing_printed()
        return batches._get_open_action()

    def _print_one(self):
        """Return the PDF of one letter, or None and say why on the row."""
        reminder = self.reminder_id
        if not reminder._recheck_for(self):
            return None
        reminder._note_booked_until()
        self._set_addresses()
        self._check_obstacles()
        if self.state == "queued":
            try:
                with self.env.cr.savepoint():
                    return self._get_channel().compose(self)
            except Exception as error:  # pylint: disable=broad-except
                # A text or a layout that breaks: the other letters are printed.
                self._set_failed(Problem("document", reminder._explain(error)))
        reminder._settle()
        return None

    def _tell_nothing_printed(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "No letter could be printed: the outbox tells why."
                ),
                "type": "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _store_print(self, content):
        """Keep the sheet with the reminder, until it is known whether it was posted."""
        name = f"{self.reminder_id.display_name}.pdf".replace("/", "-")
        self._by_code().letter_id = self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": "ar.dunning.reminder",
                "res_id": self.reminder_id.id,
            }
        )

    def _put_back(self):
        """Nothing was posted: no sheet is left that the customer never got."""
        self.letter_id.unlink()
        self._by_code().batch_id = False

    def _keep_printed(self):
        """Tell in the chatter what was posted."""
        for letter in self:
            letter.reminder_id._message_log(
                body=self.env._("Letter to %(address)s", address=letter.address),
                attachment_ids=letter.letter_id.ids,
            )

    def _get_letter_date(self):
        return self.company_id._ar_today()
