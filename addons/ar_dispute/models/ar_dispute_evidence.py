"""What was written with the customer about what is disputed."""

from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain

#: What people wrote and were sent, also automatically; no changes of fields.
WRITTEN = ("email", "email_outgoing", "comment", "auto_comment")


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    written_count = fields.Integer(
        string="Correspondence",
        compute="_compute_written_count",
        help="What was written about the disputed invoices and in their reminders.",
    )

    @api.depends_context("uid")
    @api.depends("line_ids.line_id", "line_ids.move_id")
    def _compute_written_count(self):
        documents = self._get_documents()
        # Only those that the user may read are counted: no sudo.
        messages = self.env["mail.message"].search_fetch(
            self._get_written_domain(documents), ["model", "res_id"]
        )
        counts = Counter((message.model, message.res_id) for message in messages)
        for dispute in self:
            dispute.written_count = sum(counts[key] for key in documents[dispute])

    def _get_documents(self):
        """Return the documents on which people write about what is disputed. Hook:
        call super, add others.

        :return: {dispute: set of (model, id)}
        """
        asked = defaultdict(set)
        reminder_lines = self.env["ar.dunning.reminder.line"].sudo()
        items = self.sudo().line_ids.line_id
        for line in reminder_lines.search([("line_id", "in", items.ids)]):
            asked[line.line_id].add((line.reminder_id._name, line.reminder_id.id))
        documents = {}
        for dispute in self:
            lines = dispute.sudo().line_ids
            documents[dispute] = {(move._name, move.id) for move in lines.move_id}
            documents[dispute].update(*(asked[item] for item in lines.line_id))
        return documents

    @api.model
    def _get_written_domain(self, documents):
        """Return the domain of what was written on documents.

        :param documents: as :meth:`_get_documents` returns
        """
        by_model = defaultdict(list)
        for model, res_id in set().union(*documents.values()):
            by_model[model].append(res_id)
        about = Domain.OR(
            Domain("model", "=", model) & Domain("res_id", "in", ids)
            for model, ids in by_model.items()
        )
        return about & Domain("message_type", "in", WRITTEN)

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
            "domain": list(self._get_written_domain(self._get_documents())),
            "context": {"create": False},
        }
