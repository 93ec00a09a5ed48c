from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .ways import WaysCommon


@tagged("post_install", "-at_install")
class TestOtherAddons(WaysCommon):
    """Addons that work around ``action_confirm`` never see a held order."""

    def confirm(self, held, other):
        """Confirm alone, then in a batch with an order that passes."""
        held.action_confirm()
        self.assertEqual(held.state, "draft")
        result = (held | other).action_confirm()
        self.assertEqual((held.state, other.state), ("draft", "sale"))
        return result

    def test_loyalty_keeps_its_points(self):
        self.needs("sale_loyalty")
        program = self.env["loyalty.program"].create(
            {
                "name": "Points",
                "program_type": "loyalty",
                "trigger": "auto",
                "applies_on": "both",
                "rule_ids": [
                    fields.Command.create(
                        {
                            "reward_point_mode": "order",
                            "reward_point_amount": 10,
                            "minimum_qty": 0,
                        }
                    )
                ],
                "reward_ids": [
                    fields.Command.create(
                        {"reward_type": "discount", "required_points": 1000}
                    )
                ],
            }
        )
        held, other = self.order(1500.0), self.order(100.0, self.other_customer)
        for order in held | other:
            order._update_programs_and_rewards()
        self.confirm(held, other)
        cards = program.coupon_ids
        points = {card.partner_id: card.points for card in cards}
        self.assertEqual(points.get(self.other_customer), 10)
        self.assertFalse(points.get(self.customer))
        self.assertFalse(
            self.env["loyalty.history"].search(
                [("order_model", "=", "sale.order"), ("order_id", "=", held.id)]
            )
        )

    def test_events_register_nobody(self):
        self.needs("event_sale")
        event = (
            self.env["event.event"]
            .sudo()
            .create(
                {
                    "name": "Fair",
                    "date_begin": "2026-06-01 08:00:00",
                    "date_end": "2026-06-01 18:00:00",
                }
            )
        )
        seat = self.env["product.product"].create(
            {"name": "Seat", "type": "service", "service_tracking": "event"}
        )
        ticket = (
            self.env["event.event.ticket"]
            .sudo()
            .create({"name": "Seat", "event_id": event.id, "product_id": seat.id})
        )
        seated = {"event_id": event.id, "event_ticket_id": ticket.id}
        orders = [
            self.order(1500.0, self.customer, product=seat, line=seated),
            self.order(100.0, self.other_customer, product=seat, line=seated),
        ]
        self.confirm(*orders)
        self.assertEqual(event.registration_ids.sale_order_id, orders[1])

    def test_quotation_template_sends_no_mail(self):
        self.needs("sale_management")
        template = self.env["sale.order.template"].create(
            {
                "name": "With a mail",
                "mail_template_id": self.env.ref(
                    "sale.mail_template_sale_confirmation"
                ).id,
            }
        )
        held, other = self.order(1500.0), self.order(100.0, self.other_customer)
        for order in held | other:
            order.sale_order_template_id = template
        self.customer.email = "customer@example.com"
        self.other_customer.email = "other@example.com"
        self.confirm(held, other)

        def mails(order):
            return order.message_ids.filtered(
                lambda message: (
                    message.message_type == "auto_comment"
                    or message.subtype_id == self.env.ref("mail.mt_comment")
                )
            )

        self.assertFalse(mails(held))
        self.assertTrue(mails(other))

    def test_result_of_other_addons_goes_on(self):
        """An action that another addon returns is not lost behind our message."""
        passing = self.order(100.0, self.other_customer)
        held = self.order(1500.0)
        opened = {"type": "ir.actions.act_window", "res_model": "sale.order"}
        action = (held | passing)._confirm_within_credit(lambda orders: opened)
        self.assertEqual(action["params"]["next"], opened)
        self.assertEqual(passing._confirm_within_credit(lambda orders: opened), opened)

    def test_point_of_sale_settles_what_is_held(self):
        """The counter has the money and hands over the goods before it confirms the
        order. The way is open there alone, even after a failure."""
        self.needs("pos_sale")
        settled, after, after_failure = (self.held(1500.0) for _each in range(3))
        orders = self.env["pos.order"].sudo()
        sold = self.sold_at_counter(settled)
        with patch.object(type(orders), "_process_order", side_effect=UserError("Jam")):
            with self.assertRaisesRegex(UserError, "Jam"), self.env.cr.savepoint():
                orders.sync_from_ui([sold])
        after_failure.action_confirm()
        self.assert_held(after_failure)
        orders.sync_from_ui([sold])
        self.assertEqual(settled.state, "sale")
        self.assertEqual(settled.ar_credit_hold_ids.state, "cancelled")
        self.assertEqual(settled.ar_credit_state, "none")
        after.action_confirm()
        self.assert_held(after)

    def sold_at_counter(self, order):
        """Return what the client of the point of sale sends of an order that is paid in
        full."""
        method = (
            self.env["pos.payment.method"]
            .sudo()
            .create(
                {
                    "name": "Card",
                    "journal_id": self.company_data["default_journal_bank"].id,
                }
            )
        )
        config = (
            self.env["pos.config"]
            .sudo()
            .create(
                {
                    "name": "Counter",
                    "payment_method_ids": [fields.Command.set(method.ids)],
                }
            )
        )
        config.open_ui()
        total = order.amount_total
        return {
            "uuid": "12345-123-1234",
            "name": "Order 12345-123-1234",
            "session_id": config.current_session_id.id,
            "user_id": self.env.uid,
            "partner_id": order.partner_id.id,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "sequence_number": 1,
            "fiscal_position_id": False,
            "last_order_preparation_change": "{}",
            "to_invoice": False,
            "amount_total": total,
            "amount_paid": total,
            "amount_tax": 0.0,
            "amount_return": 0.0,
            "lines": [
                fields.Command.create(
                    {
                        "product_id": order.order_line.product_id.id,
                        "qty": 1,
                        "price_unit": total,
                        "price_subtotal": total,
                        "price_subtotal_incl": total,
                        "discount": 0.0,
                        "pack_lot_ids": [],
                        "tax_ids": [],
                        "sale_order_origin_id": order.id,
                        "sale_order_line_id": order.order_line.id,
                    }
                )
            ],
            "payment_ids": [
                fields.Command.create(
                    {
                        "amount": total,
                        "name": fields.Datetime.now(),
                        "payment_method_id": method.id,
                    }
                )
            ],
        }
