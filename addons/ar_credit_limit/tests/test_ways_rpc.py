import itertools

from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .ways import WaysCommon

PASSWORD = "a real Password 1"

#: What a client may put into the context in the hope that somebody reads it.
FORGED = {
    "ar_credit_hold_by_code": True,
    "ar_credit_limit_by_code": True,
    "ar_credit_passed": True,
    "_passed": True,
    "skip_credit_check": True,
    "bypass_risk": True,
    "install_mode": True,
    "import_file": True,
    "tracking_disable": True,
    "default_ar_credit_state": "released",
}


@tagged("post_install", "-at_install")
class TestWaysRpc(HttpCase, WaysCommon):
    """Real requests, as a client with a login makes them."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for user in cls.users.values():
            user.password = PASSWORD
        cls.env.flush_all()

    def rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
            timeout=60,
        )

    def refused(self, *args, **kwargs):
        # Not assertRaises: it would roll back what the server does on its side.
        try:
            with mute_logger("odoo.http"):
                self.rpc(*args, **kwargs)
        except JsonRpcException as refusal:
            return str(refusal)
        return self.fail(f"{args} was let through")

    def each(self):
        for role, user in self.users.items():
            self.authenticate(user.login, PASSWORD)
            for company_name, company in self.companies.items():
                over, fine = self.over_and_fine(company)
                self.env.flush_all()
                with self.subTest(role=role, company=company_name):
                    yield user, company, over, fine
                    self.env.invalidate_all()

    def context(self, company, **more):
        return {"allowed_company_ids": company.ids, "lang": "en_US", **more}

    def test_confirm(self):
        for _user, company, over, fine in self.each():
            answer = self.rpc(
                "sale.order",
                "action_confirm",
                (over | fine).ids,
                context=self.context(company, **FORGED),
            )
            self.env.invalidate_all()
            self.assert_outcome(over, fine, company)
            if company != self.company_b:
                self.assertEqual(answer["tag"], "display_notification")

    def test_write_of_the_state(self):
        """Refused, and each order over the limit has its hold on record."""
        for user, company, over, fine in self.each():
            context = self.context(company, **FORGED)
            values = {"state": "sale"}
            if company == self.company_b:
                self.rpc(
                    "sale.order", "write", (over | fine).ids, values, context=context
                )
                self.env.invalidate_all()
                self.assert_outcome(over, fine, company)
                continue
            also_over = self.order(1600.0, company=company)
            self.env.flush_all()
            orders = over | fine | also_over
            self.refused("sale.order", "write", orders.ids, values, context=context)
            self.env.invalidate_all()
            self.assert_held(over)
            self.assert_held(also_over, 1600.0)
            self.assertEqual(fine.state, "draft", "refused as a whole")
            if user != self.salesperson:
                self.assertEqual(self.told(over), self.salesperson)
            self.rpc("sale.order", "write", fine.ids, values, context=context)
            self.env.invalidate_all()
            self.assert_outcome(over, fine, company)

    def values(self, order):
        return {**order.copy_data()[0], "state": "sale"}

    def test_create_in_the_state_of_an_order(self):
        for _user, company, over, fine in self.each():
            values = [
                {
                    "partner_id": order.partner_id.id,
                    "company_id": company.id,
                    "user_id": self.salesperson.id,
                    "state": "sale",
                    "order_line": [
                        [
                            0,
                            0,
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": 1,
                                "price_unit": order.amount_total,
                                "tax_ids": [],
                            },
                        ]
                    ],
                }
                for order in (over, fine)
            ]
            ids = self.rpc(
                "sale.order", "create", values, context=self.context(company, **FORGED)
            )
            self.env.invalidate_all()
            new_over, new_fine = self.env["sale.order"].browse(ids)
            self.assert_outcome(new_over, new_fine, company)
            if company != self.company_b:
                self.assertEqual(self.told(new_over), self.salesperson)

    def test_import(self):
        columns = [
            "partner_id/.id",
            "company_id/.id",
            "user_id/.id",
            "state",
            "order_line/product_id/.id",
            "order_line/product_uom_qty",
            "order_line/price_unit",
            "order_line/tax_ids/.id",
        ]
        for _user, company, over, fine in self.each():
            rows = [
                [
                    str(order.partner_id.id),
                    str(company.id),
                    str(self.salesperson.id),
                    "sale",
                    str(self.product.id),
                    "1",
                    str(order.amount_total),
                    "",
                ]
                for order in (over, fine)
            ]
            answer = self.rpc(
                "sale.order",
                "load",
                columns,
                rows,
                context=self.context(company, **FORGED),
            )
            self.assertFalse(answer["messages"])
            self.env.invalidate_all()
            new_over, new_fine = self.env["sale.order"].browse(answer["ids"])
            self.assert_outcome(new_over, new_fine, company)

    def test_duplicate_as_confirmed(self):
        self.authenticate(self.salesperson.login, PASSWORD)
        over = self.order(1500.0)
        self.env.flush_all()
        (new_id,) = self.rpc("sale.order", "copy", over.ids, {"state": "sale"})
        self.env.invalidate_all()
        self.assert_held(self.env["sale.order"].browse(new_id))

    def test_methods_of_ours_are_not_for_clients(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id
        self.env.flush_all()
        attempts = {
            "sale.order": (
                ("_set_credit_state", "released"),
                ("_confirm_within_credit", None),
                ("_validate_within_credit", None),
                ("_validate_order",),
                ("_action_confirm",),
                ("_passing_credit",),
                ("_let_pass", {}),
                ("_hold_arrived",),
                ("_get_credit_notice",),
                ("write", {"ar_credit_state": "released"}),
                ("write", {"ar_credit_hold_ids": [[5, 0, 0]]}),
            ),
            "ar.credit.hold": (
                ("_release", "Mine"),
                ("_clear", "Mine"),
                ("_cancel", "Mine"),
                ("_decide", "released", "Mine"),
                ("write", {"state": "released"}),
                ("unlink",),
            ),
        }
        for (role, user), (model, calls) in itertools.product(
            self.users.items(), attempts.items()
        ):
            self.authenticate(user.login, PASSWORD)
            ids = order.ids if model == "sale.order" else hold.ids
            for method, *args in calls:
                with self.subTest(role=role, method=method):
                    if args == [{"ar_credit_hold_ids": [[5, 0, 0]]}]:
                        self.unlinked_by_command(ids, args)
                    else:
                        self.refused(model, method, ids, *args, context=FORGED)
                    self.env.invalidate_all()
                    self.assertEqual(order.state, "draft")
                    self.assertEqual(order.ar_credit_state, "held")
                    self.assertEqual((hold.state, hold.order_id), ("held", order))

    def unlinked_by_command(self, ids, args):
        """Whether it is refused or without effect, the hold keeps its order."""
        try:
            with mute_logger("odoo.http"):
                self.rpc("sale.order", "write", ids, *args, context=FORGED)
        except JsonRpcException:
            return
