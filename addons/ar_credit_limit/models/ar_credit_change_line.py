from odoo import api, fields, models


class ArCreditChangeLine(models.Model):
    """One line that a requested change wants otherwise, or new: written with it and
    never again."""

    _name = "ar.credit.change.line"
    _description = "Wanted Line of an Order"
    _rec_name = "product_id"

    change_id = fields.Many2one(
        "ar.credit.change", required=True, readonly=True, index=True, ondelete="cascade"
    )
    order_line_id = fields.Many2one(
        "sale.order.line",
        readonly=True,
        ondelete="set null",
        help="The line that is to be changed. Empty: a line is to be added.",
    )
    is_new = fields.Boolean(string="New Line", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    description = fields.Text(readonly=True)
    product_uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    quantity_before = fields.Float(digits="Product Unit", readonly=True)
    quantity = fields.Float(
        string="Wanted Quantity", digits="Product Unit", readonly=True
    )
    price_unit_before = fields.Float(digits="Product Price", readonly=True)
    price_unit = fields.Float(
        string="Wanted Price", digits="Product Price", readonly=True
    )
    discount_before = fields.Float(
        string="Discount Before (%)", digits="Discount", readonly=True
    )
    discount = fields.Float(
        string="Wanted Discount (%)", digits="Discount", readonly=True
    )

    @api.model
    def _prepare_commands(self, lines):
        """Return what makes the wanted lines on their order.

        :param list lines: values of this model
        """
        return [self._prepare_command(line) for line in lines]

    @api.model
    def _prepare_command(self, line):
        values = {
            "product_uom_qty": line["quantity"],
            "price_unit": line["price_unit"],
            "discount": line["discount"],
        }
        if line["order_line_id"]:
            return fields.Command.update(line["order_line_id"], values)
        return fields.Command.create(
            {
                "product_id": line["product_id"],
                "product_uom_id": line["product_uom_id"],
                **values,
            }
        )

    def _get_commands(self):
        return self._prepare_commands(
            [
                {
                    "order_line_id": line.order_line_id.id,
                    "product_id": line.product_id.id,
                    "product_uom_id": line.product_uom_id.id,
                    "quantity": line.quantity,
                    "price_unit": line.price_unit,
                    "discount": line.discount,
                }
                for line in self
            ]
        )
