"""What was written with the customer about what is disputed."""

from collections import Counter

from odoo import fields, models
from odoo.fields import Domain

#: Messages that somebody wrote: no changes of fields, no notices of the system.
WRITTEN = ("email", "email_outgoing", "comment", "auto_comment")


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    written_count = fields.Integer(
        string="Correspondence",
        compute="_compute_written_count",
        help="What was written about the disputed invoices and in their reminders.",
    )

    def _compute_written_count(self):
        # Only those that the user may read are counted: no sudo.
        messages = self.env["mail.message"].search_fetch(
            self._get_written_domain(), ["model", "res_id"]
        )
        counts = Counter((message.model, message.res_id) for message in messages)
        for dispute in self:
            documents = dispute._get_documents()
            dispute.written_count = sum(
                counts[records._name, res_id]
                for records in documents
                for res_id in records.ids
            )

    def _get_documents(self):
        """Return the documents on which people write about what is disputed. Hook:
        call super, add others.

        :return: list of recordsets
        """
        lines = self.sudo().line_ids
        asked = self.env["ar.dunning.reminder.line"].sudo()
        asked = asked.search([("line_id", "in", lines.line_id.ids)])
        return [lines.move_id, asked.reminder_id]

    def _get_written_domain(self):
        documents = Domain.OR(
            Domain("model", "=", records._name) & Domain("res_id", "in", records.ids)
            for records in self._get_documents()
        )
        return documents & Domain("message_type", "in", WRITTEN)

    def action_open_written(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Messages about %(dispute)s", dispute=self.name),
            "res_model": "mail.message",
            "views": [
                [self.env.ref("ar_dispute.mail_message_view_list").id, "list"],
                [self.env.ref("mail.mail_message_view_form").id, "form"],
            ],
            "domain": list(self._get_written_domain()),
            "context": {"create": False},
        }
