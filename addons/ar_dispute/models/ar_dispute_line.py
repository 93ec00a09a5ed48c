from odoo import api, fields, models


class ArDisputeLine(models.Model):
    """One disputed item, with what it was when the dispute was opened."""

    _name = "ar.dispute.line"
    _description = "Disputed Item"
    _order = "date_maturity, id"
    _rec_name = "move_name"

    dispute_id = fields.Many2one(
        "ar.dispute", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    commercial_partner_id = fields.Many2one(related="dispute_id.commercial_partner_id")
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    move_name = fields.Char(string="Number", required=True, readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_open = fields.Monetary(
        string="Open at Opening",
        readonly=True,
        aggregator=None,
        help="What was open of the item when the dispute was opened.",
    )
    amount_disputed = fields.Monetary(string="Disputed", readonly=True, aggregator=None)
    amount_disputed_company = fields.Monetary(
        string="Disputed in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
    )
    amount_accepted = fields.Monetary(
        string="Accepted",
        readonly=True,
        aggregator=None,
        help="What the customer is right about, in the currency of the item.",
    )
    credit_note_id = fields.Many2one(
        "account.move",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="What was accepted is credited by it.",
    )
    coverage = fields.Selection(
        [("all", "Whole item"), ("part", "Part of the item")],
        required=True,
        readonly=True,
    )
    is_open = fields.Boolean(
        string="Undecided",
        default=True,
        readonly=True,
        help="The dispute is undecided, so the item is not chased.",
    )

    # Opening is serialised here: of two users who dispute the same item at the same
    # moment the second one is refused.
    _one_open_dispute_per_item = models.UniqueIndex(
        "(line_id) WHERE is_open",
        "This item is disputed already. Work on the dispute that is open.",
    )

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    @api.model
    def _prepare_from_item(self, line, amount=None):
        """Return the values that freeze an open item.

        :param line: account.move.line
        :param float amount: the disputed part in the line's currency; none: all
        """
        is_part = amount is not None
        disputed = amount if is_part else line.amount_residual_currency
        share = disputed / line.amount_residual_currency
        return {
            "company_id": line.company_id.id,
            "line_id": line.id,
            "move_id": line.move_id.id,
            "move_name": line.move_id.name,
            "date_maturity": line.date_maturity or line.date,
            "currency_id": line.currency_id.id,
            "amount_open": line.amount_residual_currency,
            "amount_disputed": disputed,
            "amount_disputed_company": line.company_currency_id.round(
                line.amount_residual * share
            ),
            "coverage": "part" if is_part else "all",
        }

    def _get_credit_due(self):
        """Return the uncredited lines that a credit note can be issued for: core
        reverses an opening balance as a whole, with what others owe in it."""
        return self._get_uncredited().filtered(
            lambda line: line.move_id.is_sale_document(include_receipts=True)
        )

    def _is_paid_short(self):
        """Return whether more is open of the item than what is still to be credited."""
        self.ensure_one()
        to_credit = self._get_uncredited().amount_accepted
        still_open = self.line_id.amount_residual_currency
        return self.currency_id.compare_amounts(still_open, to_credit) > 0

    def _get_amount(self, name):
        """Return an amount as ``ar.dispute._get_amount_text`` names it."""
        self.ensure_one()
        if name == "amount_asked":
            return min(self.amount_disputed, self.line_id.amount_residual_currency)
        return self[name]

    def _get_uncredited(self):
        """Return the lines of which something was accepted and is not credited yet, as
        with a credit note that was cancelled."""
        return self.filtered(
            lambda line: (
                line.amount_accepted
                and (not line.credit_note_id or line.credit_note_id.state == "cancel")
            )
        )

    def _get_accepted_in_company(self):
        """Return what was accepted of these items, in company currency at the rates of
        the opening."""
        return sum(
            line.company_currency_id.round(
                line.amount_disputed_company
                * line.amount_accepted
                / line.amount_disputed
            )
            for line in self
        )

    def _accept_at_most(self, amount):
        """Accept of this item what is left of an amount in company currency.

        :return: what was taken of it
        """
        self.ensure_one()
        taken = min(amount, self.amount_disputed_company)
        share = taken / self.amount_disputed_company
        self.amount_accepted = self.currency_id.round(self.amount_disputed * share)
        return taken

    def _get_reopenable(self, disputed):
        """Return the lines of which something is open and not disputed by now.

        :param dict disputed: as ``ar.dispute._get_undecided_by_line`` returns
        """
        return self.filtered(
            lambda line: (
                line.line_id.parent_state == "posted"
                and line.line_id.amount_residual_currency > 0
                and line.line_id.id not in disputed
            )
        )

    def _suspend_again(self):
        """Dispute and suspend as much as before, as far as it is still open: what was
        credited or paid meanwhile is not decided about a second time."""
        amounts = {
            line.line_id.id: line.amount_disputed
            for line in self
            if line.currency_id.compare_amounts(
                line.amount_disputed, line.line_id.amount_residual_currency
            )
            < 0
        }
        for line in self:
            item = line.line_id
            values = self._prepare_from_item(item, amounts.get(item.id))
            line.write({**values, "credit_note_id": False})
        self.dispute_id._suspend_lines(self, amounts)

    def _fits_item(self):
        """Return whether the item is there and what is disputed is all of it, or a
        part as before."""
        self.ensure_one()
        item = self.line_id
        beyond = self.currency_id.compare_amounts(
            self.amount_disputed, item.amount_residual_currency
        )
        fits = not beyond if self.coverage == "all" else beyond <= 0
        return bool(item) and item.currency_id == self.currency_id and fits

    def _get_disputed_in(self, currency):
        """Return what is disputed in the currency that the invoice came back in."""
        return sum(
            line.currency_id._convert(
                line.amount_disputed, currency, line.company_id, line.move_id.date
            )
            for line in self
        )

    def _replace_by(self, items):
        """Dispute as much of the items of the invoice as these lines did, the first
        due first.

        :param items: account.move.line with superuser rights
        """
        taken = set()
        for dispute, lines in self.grouped("dispute_id").items():
            left = lines._get_disputed_in(items.currency_id[:1])
            amounts = {}
            for item in items.sorted(lambda item: (item.date_maturity, item.id)):
                if item.id in taken or item.currency_id.is_zero(left):
                    continue
                amounts[item.id] = min(left, item.amount_residual_currency)
                left -= amounts[item.id]
            if amounts:
                lines._make_room()
                dispute._take_over(items.browse(amounts), amounts)
                taken.update(amounts)
            else:
                lines._join(items)

    def _join(self, items):
        """An item has one dispute: that one goes on with what these lines were about,
        which another dispute was."""
        about_items = [("line_id", "in", items.ids), ("is_open", "=", True)]
        joined = self.search(about_items, limit=1)
        if not joined:
            return
        self._raise_by(joined)
        self.dispute_id._end_in(joined.dispute_id)

    def _raise_by(self, joined):
        item = joined.line_id
        wanted = (joined | self)._get_disputed_in(item.currency_id)
        amounts = {item.id: min(wanted, item.amount_residual_currency)}
        goes_on = joined.dispute_id
        amounts = goes_on._drop_whole_amounts(item, amounts)
        joined.write(self._prepare_from_item(item, amounts.get(item.id)))
        running = goes_on._get_suspensions()
        about_item = running.filtered(lambda suspension: suspension.line_id == item)
        about_item._end(self.env._("The invoice came back with other instalments"))
        goes_on._suspend_lines(joined, amounts)

    def _make_room(self):
        """What is disputed is counted once, on the items that are there."""
        about_them = self.dispute_id._get_suspensions().filtered(
            lambda suspension: (
                suspension.line_id in self.line_id or not suspension.line_id
            )
        )
        about_them._end(self.env._("The invoice came back with other instalments"))
        self.unlink()
