from markupsafe import Markup

from odoo import fields, models
from odoo.tools import plaintext2html

from .ar_dispute import UNDECIDED


class ArDisputeQuestion(models.Model):
    """A question to somebody who has no login here, answered through a signed link."""

    _name = "ar.dispute.question"
    _description = "Question about a Dispute"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "text"

    dispute_id = fields.Many2one(
        "ar.dispute", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="dispute_id.company_id", store=True)
    email = fields.Char(string="Asked", required=True, readonly=True)
    text = fields.Text(string="Question", required=True, readonly=True)
    asked_on = fields.Datetime(required=True, readonly=True)
    asked_by_id = fields.Many2one("res.users", required=True, readonly=True)
    link_id = fields.Many2one("ar.link", readonly=True, ondelete="set null")
    link_state = fields.Selection(related="link_id.state", string="Link Is")
    answered_on = fields.Datetime(readonly=True)
    answered_by = fields.Char(readonly=True)
    answer = fields.Text(readonly=True)

    def action_revoke(self):
        """Let the link of the question open nothing any more."""
        self.ensure_one()
        self.check_access("read")
        self.link_id.action_revoke()

    def _send(self, token):
        """Send the question with its link; the token stands in the mail only."""
        self.ensure_one()
        dispute = self.dispute_id
        url = f"{dispute.get_base_url()}/ar/question/{token}"
        body = self.env["ir.qweb"]._render(
            "ar_dispute.question_mail",
            {"question": self, "dispute": dispute.sudo(), "url": url},
        )
        self.env["mail.mail"].sudo().create(
            {
                "subject": self.env._(
                    "Question about %(dispute)s, %(customer)s",
                    dispute=dispute.name,
                    customer=dispute.commercial_partner_id.display_name,
                ),
                "body_html": body,
                "email_to": self.email,
                "email_from": self.env.user.email_formatted,
                "reply_to": self.env.user.email_formatted,
                "auto_delete": True,
            }
        )

    def _receive(self, text, name, files):
        """Keep an answer: in the chatter of the dispute, where its owner is told.

        A second answer is kept too: it stands in the chatter, the first one stays here.

        :param str text: what was written
        :param str name: who wrote it, as given
        :param files: list of (name, bytes)
        """
        self.ensure_one()
        dispute = self.dispute_id.sudo()
        if not self.answered_on:
            self._by_code().write(
                {
                    "answer": text,
                    "answered_by": name or self.email,
                    "answered_on": fields.Datetime.now(),
                }
            )
        dispute.message_post(
            body=Markup("<p>%s</p>%s")
            % (
                self.env._("%(name)s answered:", name=name or self.email),
                plaintext2html(text),
            ),
            attachments=files,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=dispute.user_id.partner_id.ids,
        )
        if dispute.state in UNDECIDED and dispute.waiting_for == "internal":
            dispute._change_state("investigating")
