from datetime import date

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import JsonRpcException, new_test_user, tagged
from odoo.tools import html2plaintext, mute_logger

from .test_order_check import PIXEL
from .test_ways_portal import FORBIDDEN, REVIEWING, PortalCommon

ACCESS_ERROR, VALIDATION_ERROR = (
    f"{error.__module__}.{error.__name__}" for error in (AccessError, ValidationError)
)
#: The limit and what is over it.
FIGURES = r"(?<![\d,.])(1,?000|500)\.0"
#: What any client tries on any model: (method, arguments behind the ids).
COMMON_CALLS = (
    ("read", []),
    ("write", [{}]),
    ("unlink", []),
    ("copy", []),
)
MODEL_CALLS = (
    ("search", [[]]),
    ("search_read", [[]]),
    ("search_count", [[]]),
    ("web_search_read", [[], {"id": {}}]),
    ("formatted_read_group", [[], [], ["__count"]]),
    ("name_search", [""]),
    ("create", [{}]),
)


@tagged("post_install", "-at_install")
class TestPortal(PortalCommon):
    """Customers do what the token in their link allows, and read no credit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stranger = cls.new_customer("Stranger", is_company=False)
        new_test_user(
            cls.env,
            "ar_stranger",
            groups="base.group_portal",
            password="ar_stranger",
            partner_id=stranger.id,
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.strangers = {"another customer": "ar_stranger", "nobody": None}
        cls.quoted = cls.order(
            1500.0, cls.buyer, require_signature=True, require_payment=False
        )
        cls.quoted.action_quotation_sent()
        cls.quoted._portal_ensure_token()
        cls.env.flush_all()

    def post(self, route, **params):
        """Return (what the server answers, the name of its error)."""
        # Not assertRaises: it would roll back what the server does on its side.
        try:
            with mute_logger("odoo.http"):
                return self.make_jsonrpc_request(route, params, timeout=60), None
        except JsonRpcException as refusal:
            return None, str(refusal)

    def call(self, model, method, *args):
        return self.post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs={},
        )

    def assert_untouched(self, order, state="none"):
        self.env.invalidate_all()
        self.assertEqual((order.state, order.ar_credit_state), ("sent", state))
        self.assertEqual(bool(order.ar_credit_hold_ids), state == "held")
        self.assertFalse(order.signed_by)
        self.assertFalse(order.transaction_ids)

    def assert_tells_nothing(self, answer):
        """What opens a view may be had by anybody: the view reads as its user."""
        if answer:
            self.assertEqual(answer["type"], "ir.actions.act_window")
            self.assertNotRegex(str(answer), FIGURES)

    def test_page_without_the_token(self):
        self.quoted.with_user(self.salesperson).action_confirm()
        self.env.flush_all()
        url = f"/my/orders/{self.quoted.id}"
        for who, login in self.strangers.items():
            for token in ("", "?access_token=", "?access_token=wrong"):
                with self.subTest(who, token=token):
                    self.authenticate(login, login)
                    page = html2plaintext(self.url_open(url + token, timeout=60).text)
                    for text in (self.quoted.name, REVIEWING):
                        self.assertNotIn(text, page)
                    self.assertNotRegex(page, FORBIDDEN)
        self.assert_untouched(self.quoted, "held")

    def test_signature_and_payment_without_the_token(self):
        url = f"/my/orders/{self.quoted.id}"
        signature = {"name": "Stranger", "signature": PIXEL.decode()}
        payment = {
            "provider_id": 1,
            "payment_method_id": 1,
            "token_id": None,
            "amount": 1500.0,
            "flow": "direct",
            "tokenization_requested": False,
            "landing_route": url,
        }
        for who, login in self.strangers.items():
            for token in (None, "", "wrong"):
                with self.subTest(who, token=token):
                    self.authenticate(login, login)
                    answer, _error = self.post(
                        f"{url}/accept", **signature, access_token=token
                    )
                    self.assertEqual(answer, {"error": "Invalid order."})
                    _answer, error = self.post(
                        f"{url}/transaction", **payment, access_token=token
                    )
                    self.assertEqual(error, VALIDATION_ERROR)
                    self.assert_untouched(self.quoted)

    def test_own_quotation_over_rpc(self):
        """Nothing that we add to an order, a customer or a payment tells or does
        anything for the customer whose it is, and confirming is not theirs."""
        held = self.quotation()
        held.with_user(self.salesperson).action_confirm()
        self.env.flush_all()
        self.authenticate("ar_buyer", "ar_buyer")
        for order, state in ((self.quoted, "none"), (held, "held")):
            for record in (order, order.order_line, self.buyer, self.customer):
                for method in get_own_methods(record):
                    with self.subTest(record._name, method=method, state=state):
                        answer, _error = self.call(record._name, method, record.ids)
                        self.assert_tells_nothing(answer)
                        self.assert_untouched(order, state)
            for method, *args in (
                ("action_confirm",),
                ("write", {"state": "sale"}),
                ("copy", {"state": "sale"}),
            ):
                with self.subTest(method, state=state):
                    answer = self.call("sale.order", method, order.ids, *args)
                    self.assertEqual(answer, (None, ACCESS_ERROR))
                    self.assert_untouched(order, state)

    def test_models_of_ours_over_rpc(self):
        self.make_rows()
        models = [
            self.env[name]
            for name in sorted(self.env)
            if name.startswith("ar.") and not self.env[name]._abstract
        ]
        self.authenticate("ar_buyer", "ar_buyer")
        for model in models:
            ids = model.sudo().search([], limit=1).ids or [1]
            calls = [(method, *args) for method, args in MODEL_CALLS]
            calls += [(method, ids, *args) for method, args in COMMON_CALLS]
            for method, *args in calls:
                with self.subTest(model._name, method=method):
                    answer = self.call(model._name, method, *args)
                    self.assertEqual(answer, (None, ACCESS_ERROR))
            for method in set(get_own_methods(model)) - {"create", "write", "unlink"}:
                with self.subTest(model._name, method=method):
                    answer, _error = self.call(model._name, method, ids)
                    self.assert_tells_nothing(answer)
        self.authenticate(None, None)
        for model in models:
            with self.subTest(model._name, visitor="nobody"):
                answer, error = self.call(model._name, "search_read", [])
                self.assertTrue(error, f"answered {answer}")

    def make_rows(self):
        """Leave something of the customer to find, and what is decided by."""
        self.invoice(amount=10.0)
        self.held(1500.0)
        self.env["ar.credit.exemption"].with_user(self.user_manager)._grant(
            self.other_customer, self.company, "Trade fair", date(2026, 3, 9)
        )
        self.env["ar.credit.policy"].create({"company_id": self.company.id})
        self.env["ar.credit.authority"].sudo().create(
            {
                "company_id": self.company.id,
                "user_id": self.user_manager.id,
                "amount": 9000.0,
            }
        )
        self.env["ar.credit.substitute"].sudo().create(
            {
                "user_id": self.user_manager.id,
                "substitute_id": self.manager_2.id,
                "date_until": "2026-03-09",
            }
        )
        self.env.flush_all()


def get_own_methods(record):
    """Return the names of what the suite adds to a model for clients to call."""
    return sorted(
        {
            name
            for model_class in type(record).mro()
            if model_class.__module__.startswith("odoo.addons.ar_")
            for name, method in vars(model_class).items()
            if callable(method) and not name.startswith("_")
        }
    )
