from odoo import api, models

#: What can make a confirmed order weigh more, or seem to weigh less. Delivered
#: quantities, descriptions and dates do not, and cost nothing.
WATCHED_FIELDS = frozenset(
    {
        "combo_item_id",
        "discount",
        "extra_tax_data",
        "is_downpayment",
        "order_id",
        "price_subtotal",
        "price_tax",
        "price_total",
        "price_unit",
        "product_id",
        "product_template_id",
        "product_uom_id",
        "product_uom_qty",
        "qty_invoiced",
        "tax_ids",
        "technical_price_unit",
        "untaxed_amount_to_invoice",
    }
)

#: Odoo computes them: see the orders' own.
COMPUTED_AMOUNTS = frozenset(
    {
        "price_subtotal",
        "price_tax",
        "price_total",
        "qty_invoiced",
        "untaxed_amount_to_invoice",
    }
)


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        orders = self._get_weighed_orders(vals_list)
        with orders._watch_credit_increase() as watch:
            orders._note_credit_weights(watch)
            lines = super().create(vals_list)
            for vals, line in zip(vals_list, lines, strict=True):
                line._recompute_written_amounts(COMPUTED_AMOUNTS & vals.keys())
        return lines

    def write(self, vals):
        if not WATCHED_FIELDS & vals.keys():
            return super().write(vals)
        orders = self.order_id
        if vals.get("order_id"):
            orders |= orders.browse(vals["order_id"])
        with orders._watch_credit_increase() as watch:
            orders._note_credit_weights(watch)
            result = super().write(vals)
            self._recompute_written_amounts(COMPUTED_AMOUNTS & vals.keys())
        return result

    def unlink(self):
        """A line that lessens its order is missed when it goes."""
        orders = self.filtered(lambda line: line.price_total < 0).order_id
        lessened = self.filtered(
            lambda line: line.state == "sale" and line.price_total > 0
        ).order_id
        with orders._watch_credit_increase() as watch:
            orders._note_credit_weights(watch)
            result = super().unlink()
        lessened.filtered(
            lambda order: self.env["ar.recheck"]._is_awaited(order.company_id)
        )._add_credit_recheck()
        return result

    @api.model
    def _get_weighed_orders(self, vals_list):
        """Return the orders that get a line with an amount of its own."""
        order_ids = {
            vals["order_id"] if "order_id" in vals else self._get_default_order_id()
            for vals in vals_list
            if not vals.get("display_type") and vals.get("product_uom_qty", 1.0)
        }
        return self.env["sale.order"].browse(filter(None, order_ids))

    @api.model
    def _get_default_order_id(self):
        return self.default_get(["order_id"]).get("order_id")

    def _recompute_written_amounts(self, names):
        checked = names and self.filtered(
            lambda line: line.order_id.company_id._has_credit_check()
        )
        for name in names:
            self.env.add_to_compute(self._fields[name], checked)

    def _get_total_beyond_order(self, delivered):
        """Return what is owed for quantities delivered beyond the ordered ones, taxes
        included, in the order's currency: the order's total does not know of them.

        :param float delivered: the delivered quantity to count with
        """
        beyond = delivered - self.product_uom_qty
        if beyond <= 0 or self.display_type:
            return 0.0
        base_line = self._prepare_base_line_for_taxes_computation(quantity=beyond)
        self.env["account.tax"]._add_tax_details_in_base_line(
            base_line, self.company_id
        )
        return base_line["tax_details"]["raw_total_included_currency"]

    def _can_be_requested_otherwise(self):
        """Return whether a salesperson may want this line changed: not what Odoo puts
        there by itself."""
        self.ensure_one()
        return not (self.display_type or self.is_downpayment or self._is_delivery())
