from odoo import api, fields, models


class ArDunningBooks(models.TransientModel):
    """Confirm up to which day all payments of customers are booked."""

    _name = "ar.dunning.books"
    _description = "Payments Booked Up To"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    booked_until = fields.Date(related="company_id.ar_booked_until")
    stale = fields.Char(compute="_compute_stale")
    date = fields.Date(
        string="All Payments Are Booked Up To",
        required=True,
        default=lambda self: self.env.company._ar_today(),
    )

    @api.depends("company_id")
    def _compute_stale(self):
        for books in self:
            books.stale = books.company_id._get_ar_stale_books()

    def action_confirm(self):
        """It stands in the journal, and reminders leave again."""
        self.ensure_one()
        self.company_id._confirm_ar_books(self.date)
        return {"type": "ir.actions.act_window_close"}
