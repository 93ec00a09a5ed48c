import base64
import io

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.pdf import PdfReader, PdfWriter


class ArDunningPrintBatch(models.Model):
    """A pile of letters: printed together, and sent once somebody posted them."""

    _name = "ar.dunning.print.batch"
    _description = "Letters to Post"
    _inherit = ["ar.record"]
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", string="Printed By", readonly=True)
    date = fields.Date(string="Printed On", required=True, readonly=True)
    state = fields.Selection(
        [
            ("printed", "To post"),
            ("posted", "Posted"),
            ("cancelled", "Put back"),
        ],
        required=True,
        readonly=True,
        default="printed",
    )
    letter_ids = fields.One2many(
        "ar.dunning.message", "batch_id", string="Letters", readonly=True
    )
    letter_count = fields.Integer(string="Number of Letters", readonly=True)
    document = fields.Binary(readonly=True)
    document_name = fields.Char(readonly=True)

    @api.model
    def _get_by_hand_text(self):
        return self.env._("A print batch is made by printing letters.")

    def action_posted(self):
        """The letters are in the post: they are sent."""
        self._check_printed()
        for batch in self:
            letters = batch.sudo().letter_ids.filtered(lambda m: m.state == "queued")
            letters._keep_printed()
            letters._set_arrived("sent")
            letters.reminder_id._settle()
        self._by_code().state = "posted"

    def action_put_back(self):
        """Nothing was posted: the letters wait to be printed again."""
        self._check_printed()
        letters = self.sudo().letter_ids.filtered(lambda m: m.state == "queued")
        letters._put_back()
        self._by_code().write({"state": "cancelled", "document": False})

    def _check_printed(self):
        self.env["ar.dunning.reminder"]._check_collector()
        self.check_access("read")
        if self.filtered(lambda batch: batch.state != "printed"):
            raise UserError(
                self.env._("This was done already: only printed letters are posted.")
            )

    @api.model
    def _make(self, company, printed):
        """Put printed letters on one pile.

        :param dict printed: {message: PDF}
        """
        letters = self.env["ar.dunning.message"].concat(*printed)
        today = company._ar_today()
        name = self.env._("Letters of %(date)s", date=today)
        batch = self._by_code().create(
            {
                "name": name,
                "company_id": company.id,
                "user_id": self.env.uid,
                "date": today,
                "letter_count": len(letters),
                "document": base64.b64encode(self._join(printed.values())),
                "document_name": f"{name}.pdf",
            }
        )
        letters._by_code().batch_id = batch
        for letter, content in printed.items():
            letter._store_print(content)
        return batch.with_env(self.env)

    @api.model
    def _join(self, documents):
        """Return one PDF; core's own function does not know every PDF library that
        Odoo runs with."""
        pile = PdfWriter()
        for document in documents:
            for page in PdfReader(io.BytesIO(document), strict=False).pages:
                pile.add_page(page)
        joined = io.BytesIO()
        pile.write(joined)
        return joined.getvalue()

    def _get_open_action(self):
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_print_batch_action"
        )
        if len(self) == 1:
            return {**action, "res_id": self.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.ids)]}
