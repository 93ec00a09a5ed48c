"""What the screens ask and show."""

from odoo.tests import Form, tagged, users

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestViews(DeliveryCommon):
    def deliveries(self, count):
        goods = self.goods
        order = self.confirmed(1.0, product=goods)
        picking = order.picking_ids
        return picking | self.env["stock.picking"].concat(
            *(picking.copy() for _number in range(count - 1))
        )

    def asked(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act()
        return self.env.cr.sql_log_count - before

    def test_no_query_per_row(self):
        """List, kanban and reasons ask as much for 80 rows as for 8."""
        pickings = self.deliveries(80)
        pickings.action_confirm()
        self.stop()
        self.assertEqual(set(pickings.mapped("ar_delivery_state")), {"held"})
        specification = {"name": {}, "state": {}, "ar_delivery_state": {}}

        def show(some):
            some.web_read(specification)

        def explain(some):
            some.web_read({**specification, "ar_delivery_warning": {}})

        def mark(some):
            some.sudo()._mark_delivery_state()

        for act in (show, explain, mark):
            with self.subTest(act.__name__):
                act(pickings)  # warm
                few = self.asked(lambda act=act: act(pickings[:8]))
                many = self.asked(lambda act=act: act(pickings))
                self.assertLessEqual(many, few)

    def test_orders_in_a_list(self):
        orders = self.env["sale.order"].concat(
            *(self.delivery().sale_id for _number in range(10))
        )
        self.stop()
        specification = {"ar_held_deliveries": {}}
        orders.web_read(specification)
        few = self.asked(lambda: orders[:2].web_read(specification))
        many = self.asked(lambda: orders.web_read(specification))
        self.assertLessEqual(many, few)

    def test_views_hold_badge_filter_and_banner(self):
        Picking = self.env["stock.picking"]
        for view, expected in {
            "form": ("ar_delivery_warning", "ar_delivery_advice"),
            "list": ("ar_delivery_state",),
            "kanban": ("ar_delivery_state",),
            "search": ("ar_held",),
        }.items():
            arch = Picking.get_view(view_type=view)["arch"]
            for name in expected:
                with self.subTest(view=view, name=name):
                    self.assertIn(f'name="{name}"', arch)
        held, other = self.delivery(), self.delivery(self.other_customer)
        self.stop()
        found = Picking.search(
            [("ar_delivery_state", "=", "held"), ("id", "in", (held | other).ids)]
        )
        self.assertEqual(found, held)

    def test_transfer_form_of_an_inventory_user(self):
        """Core's form asks for the zip prefixes of carriers, which Inventory users read
        only if they may create contacts, too; ours adds nothing that they may not."""
        self.packer.group_ids += self.env.ref("base.group_partner_manager")
        picking = self.delivery().with_user(self.packer)
        self.stop()
        form = Form(picking)
        self.assertIn("ask the credit manager", form.ar_delivery_warning)

    @users("ar_salesperson")
    def test_order_form_of_a_salesperson(self):
        picking = self.delivery()
        self.stop()
        with Form(picking.sale_id.with_user(self.env.user)) as form:
            self.assertIn(picking.name, form.ar_held_deliveries)

    def test_settings(self):
        with Form(self.env["res.config.settings"]) as form:
            form.ar_delivery_step = "first"
            form.ar_delivery_reservation = "give_back"
        form.record.execute()
        self.assertTrue(self.company._holds_first_step())
        self.assertTrue(self.company._gives_back_reservation())
        branch = self.new_branch()
        self.assertTrue(branch._holds_first_step(), "the root's setting")
