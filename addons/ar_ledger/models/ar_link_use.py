from odoo import fields, models


class ArLinkUse(models.Model):
    """When and from where a signed link was used."""

    _name = "ar.link.use"
    _description = "Use of a Signed Link"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "date"

    link_id = fields.Many2one(
        "ar.link", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="link_id.company_id", store=True, index=True)
    date = fields.Datetime(required=True, readonly=True)
    address = fields.Char(string="From", readonly=True)
    kind = fields.Selection(
        [
            ("seen", "Opened"),
            ("answered", "Answered"),
            ("paid", "Paid Online"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
    )
