from odoo import api, fields, models

OF_COMPANY = (
    "['|', ('company_id', '=', False), ('company_id', 'parent_of', company_id)]"
)


class ArCreditChangeRequest(models.TransientModel):
    """What a salesperson wants changed on a confirmed order: after a refusal, nothing
    else carries it."""

    _name = "ar.credit.change.request"
    _description = "Request Change"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    currency_id = fields.Many2one(related="order_id.currency_id", related_sudo=False)
    company_id = fields.Many2one(related="order_id.company_id", related_sudo=False)
    line_ids = fields.One2many(
        "ar.credit.change.request.line",
        "request_id",
        string="Lines",
        compute="_compute_from_order",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        compute="_compute_from_order",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        domain=OF_COMPANY,
    )
    partner_invoice_id = fields.Many2one(
        "res.partner",
        string="Invoice Address",
        compute="_compute_from_order",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        domain=OF_COMPANY,
    )
    amount_now = fields.Monetary(
        string="Total Now", related="order_id.amount_total", related_sudo=False
    )
    amount_wanted = fields.Monetary(
        string="Total Wanted",
        compute="_compute_amount_wanted",
        compute_sudo=False,
        help="The order after the change, taxes included.",
    )
    note = fields.Text(string="Why", required=True)

    @api.constrains("order_id")
    def _check_order_access(self):
        for request in self:
            self.env["ar.credit.change"]._check_may_request(
                request.sudo(False).order_id
            )

    @api.depends("order_id")
    def _compute_from_order(self):
        for request in self:
            order = request.order_id
            request.payment_term_id = order.payment_term_id
            request.partner_invoice_id = order.partner_invoice_id
            request.line_ids = [
                fields.Command.create(
                    {
                        "order_line_id": line.id,
                        "product_id": line.product_id.id,
                        "quantity": line.product_uom_qty,
                        "price_unit": line.price_unit,
                        "discount": line.discount,
                    }
                )
                for line in order.order_line
                if line._can_be_requested_otherwise()
            ]

    @api.depends(
        "line_ids.product_id",
        "line_ids.quantity",
        "line_ids.price_unit",
        "line_ids.discount",
        "payment_term_id",
    )
    def _compute_amount_wanted(self):
        """In memory, with Odoo's own arithmetic: nothing is written."""
        for request in self:
            wanted = self.env["sale.order"].new(origin=request.order_id)
            if not request.order_id:
                request.amount_wanted = 0.0
                continue
            wanted.payment_term_id = request.payment_term_id
            for line in request.line_ids.filtered("product_id"):
                line._put_on(wanted)
            request.amount_wanted = wanted.amount_total

    def action_request(self):
        """Make the change where the free credit bears it, else ask for it."""
        self.ensure_one()
        order = self.order_id
        change = self.env["ar.credit.change"]._request(
            order,
            [line._prepare_line() for line in self.line_ids if line._is_wanted()],
            self.note,
            payment_term_id=self._get_other(order, "payment_term_id"),
            partner_invoice_id=self._get_other(order, "partner_invoice_id"),
        )
        if change:
            message = self.env._("The credit managers are asked for the change.")
        else:
            message = self.env._(
                "The change is within the free credit: it is made already."
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_other(self, order, name):
        """Return the id of what is wanted instead of the order's own, if anything."""
        return self[name].id if self[name] != order[name] else False


class ArCreditChangeRequestLine(models.TransientModel):
    _name = "ar.credit.change.request.line"
    _description = "Wanted Line"

    request_id = fields.Many2one(
        "ar.credit.change.request", required=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one("sale.order.line", readonly=True)
    currency_id = fields.Many2one(related="request_id.currency_id", related_sudo=False)
    product_id = fields.Many2one(
        "product.product", required=True, domain="[('sale_ok', '=', True)]"
    )
    product_uom_id = fields.Many2one(
        "uom.uom", string="Unit", compute="_compute_from_product", compute_sudo=False
    )
    quantity_now = fields.Float(
        string="Ordered", related="order_line_id.product_uom_qty", related_sudo=False
    )
    quantity = fields.Float(
        string="Wanted", digits="Product Unit", default=1.0, required=True
    )
    price_unit = fields.Float(
        compute="_compute_price_unit",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        digits="Product Price",
        required=True,
    )
    discount = fields.Float(string="Discount (%)", digits="Discount")

    @api.depends("product_id", "order_line_id")
    def _compute_from_product(self):
        for line in self:
            line.product_uom_id = (
                line.order_line_id.product_uom_id or line.product_id.uom_id
            )

    @api.depends("product_id")
    def _compute_price_unit(self):
        """A new line costs what the order's pricelist says."""
        for line in self:
            if line.order_line_id or not line.product_id:
                line.price_unit = line.order_line_id.price_unit
                continue
            line.price_unit = line._new_order_line(
                line.request_id.order_id,
                product_id=line.product_id.id,
                product_uom_qty=line.quantity,
            ).price_unit

    def _new_order_line(self, order, **values):
        return self.env["sale.order.line"].new({"order_id": order.id, **values})

    def _get_wanted(self):
        return {
            "product_uom_qty": self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
        }

    def _put_on(self, order):
        """Put the wanted line on an order in memory."""
        known = order.order_line.filtered(
            lambda line: line._origin and line._origin == self.order_line_id._origin
        )
        if known:
            known.update(self._get_wanted())
        else:
            order.order_line += self._new_order_line(
                order, product_id=self.product_id.id, **self._get_wanted()
            )

    def _is_wanted(self):
        """Return whether the line asks for anything."""
        line = self.order_line_id
        if not line:
            return bool(self.quantity)
        fields_ = line._fields
        return any(
            fields_[name].convert_to_cache(value, line) != line[name]
            for name, value in self._get_wanted().items()
        )

    def _prepare_line(self):
        line = self.order_line_id
        return {
            "order_line_id": line.id,
            "is_new": not line,
            "product_id": (line or self).product_id.id,
            "description": line.name or self.product_id.display_name,
            "product_uom_id": self.product_uom_id.id,
            "currency_id": self.request_id.order_id.currency_id.id,
            "quantity_before": line.product_uom_qty,
            "quantity": self.quantity,
            "price_unit_before": line.price_unit,
            "price_unit": self.price_unit,
            "discount_before": line.discount,
            "discount": self.discount,
        }
