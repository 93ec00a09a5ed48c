"""18 months of orders, deliveries, invoices, credit notes and payments."""

from datetime import datetime, time, timedelta

from odoo import Command

#: Goods leave so many days after the order, the day of the invoice.
DELIVERY_DAYS = 3
CREDITED_AFTER_DAYS = 40


def build_history(demo):
    for key in demo.companies:
        _build_sales(demo, key)
        demo.count_rows()
        _build_invoices(demo, key)
        demo.count_rows()
        _settle(demo, key)
        demo.count_rows()


def _build_sales(demo, key):
    """Orders behind the planned invoices, and those still open."""
    done = [row for row in demo.plan.invoices if row.ordered and row.company == key]
    to_do = [row for row in demo.plan.orders if row.company == key]
    orders = demo.model("sale.order", key).create(
        [_order_values(demo, row, DELIVERY_DAYS) for row in done]
        + [_order_values(demo, row, 0) for row in to_do]
    )
    delivered = orders[: len(done)]
    waiting = orders.browse(
        order.id
        for order, row in zip(orders[len(done) :], to_do, strict=True)
        if row.confirmed
    )
    _confirm(delivered | waiting)
    _deliver(delivered)
    demo.invoices += zip(done, _invoice_orders(delivered, done), strict=True)


def _order_values(demo, row, days_before):
    customer = demo.customers[row.customer]
    day = row.day - timedelta(days=days_before)
    return {
        "partner_id": customer.id,
        "company_id": demo.companies[row.company].id,
        "date_order": _noon(day),
        "user_id": customer.user_id.id,
        "order_line": [Command.create(_line_values(demo, line)) for line in row.lines],
    }


def _line_values(demo, line):
    return {
        "product_id": demo.products[line.product].id,
        "product_uom_qty": line.quantity,
        "price_unit": line.price,
    }


def _confirm(orders):
    days = {order.id: order.date_order for order in orders}
    orders.action_confirm()
    for order in orders:  # confirming dated them today
        order.date_order = days[order.id]


def _deliver(orders):
    pickings = orders.picking_ids
    pickings.move_ids.picked = True
    pickings._action_done()
    for order in orders:
        order.picking_ids.date_done = order.date_order + timedelta(days=DELIVERY_DAYS)


def _invoice_orders(orders, rows):
    moves = orders._create_invoices(grouped=True)
    by_order = {move.line_ids.sale_line_ids.order_id.id: move for move in moves}
    ordered = moves.browse(by_order[order.id].id for order in orders)
    for move, row in zip(ordered, rows, strict=True):
        move.invoice_date = row.day
    return ordered


def _build_invoices(demo, key):
    """The invoices without an order; then post all of the company, oldest first."""
    direct = [
        row for row in demo.plan.invoices if not row.ordered and row.company == key
    ]
    moves = demo.model("account.move", key).create(
        [_invoice_values(demo, row) for row in direct]
    )
    demo.invoices += zip(direct, moves, strict=True)
    own = [(row, move) for row, move in demo.invoices if row.company == key]
    own.sort(key=lambda pair: pair[0].day)
    moves.browse(move.id for _row, move in own)._post(soft=False)


def _invoice_values(demo, row):
    customer = demo.customers[row.customer]
    return {
        "move_type": "out_invoice",
        "partner_id": customer.id,
        "company_id": demo.companies[row.company].id,
        "currency_id": demo.currency(row.currency).id,
        "invoice_date": row.day,
        "invoice_payment_term_id": demo.terms[row.terms].id,
        "invoice_user_id": customer.user_id.id,
        "invoice_line_ids": [
            Command.create(
                {
                    "product_id": demo.products[line.product].id,
                    "quantity": line.quantity,
                    "price_unit": line.price,
                }
            )
            for line in row.lines
        ],
    }


def _settle(demo, key):
    """Credit notes and payments, reconciled with the invoices they are for."""
    own = [(row, move) for row, move in demo.invoices if row.company == key]
    refunds = _build_refunds(demo, key, own)
    settled = _build_payments(demo, key, own, refunds)
    for move, refund in refunds.items():
        settled[move] = settled.get(move, refund) | refund
    demo.count_rows()
    demo.model("account.move.line", key)._reconcile_plan(
        [receivable(move | others) for move, others in settled.items()]
    )


def _build_refunds(demo, key, own):
    """The credit notes that settled a contested part: {invoice: credit note}."""
    credited = [(row, move) for row, move in own if row.credited]
    refunds = demo.model("account.move", key).create(
        [
            {
                "move_type": "out_refund",
                "partner_id": move.partner_id.id,
                "company_id": move.company_id.id,
                "currency_id": move.currency_id.id,
                "invoice_date": row.day + timedelta(days=CREDITED_AFTER_DAYS),
                "reversed_entry_id": move.id,
                "ref": move.name,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": move.invoice_line_ids[0].product_id.id,
                            "quantity": 1,
                            "price_unit": move.amount_untaxed * row.credited,
                        }
                    )
                ],
            }
            for row, move in credited
        ]
    )
    refunds._post(soft=False)
    return {
        move: refund for (_row, move), refund in zip(credited, refunds, strict=True)
    }


def _build_payments(demo, key, own, refunds):
    """Post all payments; return those to apply: {invoice: payments' entries}."""
    planned = [
        (move, payment, amount)
        for row, move in own
        for payment, amount in _payment_amounts(row, move, refunds.get(move))
    ]
    payments = demo.model("account.payment", key).create(
        [_payment_values(demo, key, *facts) for facts in planned]
    )
    demo.count_rows()
    payments.action_post()
    applied = {}
    for (move, payment, _amount), record in zip(planned, payments, strict=True):
        if not payment.on_account:
            applied[move] = applied.get(move, record.move_id) | record.move_id
    return applied


def _payment_amounts(row, move, refund):
    """Planned payments with their amounts; the last one leaves no cent open."""
    amounts = [
        move.currency_id.round(move.amount_total * payment.share)
        for payment in row.payments
    ]
    paid = sum(payment.share for payment in row.payments)
    if amounts and paid + row.credited > 0.999:
        due = move.amount_total - (refund.amount_total if refund else 0.0)
        amounts[-1] = move.currency_id.round(due - sum(amounts[:-1]))
    return zip(row.payments, amounts, strict=True)


def _payment_values(demo, key, move, payment, amount):
    return {
        "payment_type": "inbound",
        "partner_type": "customer",
        "partner_id": move.partner_id.id,
        "company_id": demo.companies[key].id,
        "currency_id": move.currency_id.id,
        "amount": amount,
        "date": payment.day,
        "memo": False if payment.on_account else move.name,
    }


def receivable(moves):
    """The items of the moves on receivable accounts."""
    return moves.line_ids.filtered(
        lambda line: line.account_id.account_type == "asset_receivable"
    )


def _noon(day):
    return datetime.combine(day, time(12))
