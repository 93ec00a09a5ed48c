"""Paying online what is chosen on the account page."""

from odoo import http
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.http import request

from odoo.addons.payment.controllers.portal import PaymentPortal

from .account_page import BY_LOGIN, MINE
from .account_page_answer import AccountPageAnswer
from .sealed_page import BY_LINK

CALLED = {"type": "jsonrpc", "methods": ["POST"], "website": True, "readonly": False}


class AccountPagePayment(AccountPageAnswer, PaymentPortal):
    """One, several or a part of the items, through the payment providers of Odoo.

    Whoever holds a link pays for the customer with what they bring: saved payment
    methods are neither shown nor taken nor made.
    """

    @http.route("/ar/account/<string:token>/pay", **BY_LINK)
    def choose_payment(self, token, amount="", **_get):
        """Show how the chosen items can be paid."""
        refusal, contact, company = self._open(token)
        address = f"/ar/account/{token}"
        return refusal or self._show_payment(contact, company, address, amount)

    @http.route(f"{MINE}/pay", **BY_LOGIN)
    def choose_my_payment(self, amount="", **_get):
        """Show how who is logged in can pay the chosen items."""
        refusal, contact, company = self._open_mine()
        return refusal or self._show_payment(contact, company, MINE, amount)

    @http.route(
        "/ar/account/<string:token>/pay/<string:items>", auth="public", **CALLED
    )
    def pay(self, token, items, **kwargs):
        """Begin a payment of who holds a link."""
        link = self._find(token)
        if not link or not link._log_use(request.httprequest.remote_addr, "paid"):
            raise ValidationError(
                request.env._("The link is no longer valid, or was used too often.")
            )
        address = f"/ar/account/{token}"
        contact = link._get_record()
        return self._begin_payment(contact, link.company_id, address, items, kwargs)

    @http.route(f"{MINE}/pay/<string:items>", auth="user", **CALLED)
    def pay_mine(self, items, **kwargs):
        """Begin a payment of who is logged in."""
        refusal, contact, company = self._open_mine()
        if refusal:
            raise ValidationError(request.env._("There is no account page here."))
        return self._begin_payment(contact, company, MINE, items, kwargs)

    def _show_payment(self, contact, company, address, amount):
        self._speak_to(contact)
        chosen = request.env["ar.answer"].sudo()
        items = chosen._find_items(contact, company, self._read_items())
        try:
            sum_to_pay = self._read_amount(amount)
            self._check_payable(items, sum_to_pay)
        except UserError as error:
            return self._show(contact, company, address, problem=str(error))
        total = sum(items.mapped("amount_residual_currency"))
        values = self._prepare_payment(
            contact, items, items.currency_id.round(sum_to_pay or total), address
        )
        return self._say(
            "ar_ledger.account_page_payment", address=address, company=company, **values
        )

    def _check_payable(self, items, amount):
        """:raise UserError: when the items cannot be paid together"""
        if not items:
            raise UserError(
                request.env._("Choose at least one item that is still open.")
            )
        if len(items.currency_id) > 1:
            raise UserError(
                request.env._("Choose items of one currency, and pay each apart.")
            )
        if len(items.company_id) > 1:
            raise UserError(
                request.env._(
                    "These items belong to different branches: pay each apart."
                )
            )
        if sum(items.mapped("amount_residual_currency")) <= 0:
            raise UserError(request.env._("Nothing is to pay of what you chose."))
        answers = request.env["ar.answer"]
        problems = answers._get_amount_problems(items, {"amount": amount})
        if problems:
            raise UserError(problems[0])

    def _prepare_payment(self, contact, items, amount, address):
        """Return what Odoo's form of payment methods wants."""
        currency = items.currency_id
        report = {}
        providers, methods = self._get_offer(contact, items, amount, report)
        chosen = "-".join(str(item) for item in items.ids)
        return {
            "items": items,
            "amount": amount,
            "currency": currency,
            "partner_id": contact.id,
            "providers_sudo": providers,
            "payment_methods_sudo": methods,
            "tokens_sudo": request.env["payment.token"],
            "availability_report": report,
            "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False),
            "transaction_route": f"{address}/pay/{chosen}",
            "landing_route": f"{address}?thanks=1",
            "access_token": "",
            "running": self._get_running_payments(items),
        }

    def _get_offer(self, contact, items, amount, report=None):
        """Return the providers and methods by which these items can be paid.

        :param dict report: filled with why others are not offered
        """
        currency = {"currency_id": items.currency_id.id, "report": report}
        providers = request.env["payment.provider"].sudo()
        providers = providers._get_compatible_providers(
            items.company_id.id, contact.id, amount, **currency
        )
        methods = request.env["payment.method"].sudo()
        return providers, methods._get_compatible_payment_methods(
            providers.ids, contact.id, **currency
        )

    def _get_running_payments(self, items):
        """Return the payments of these items that are under way already."""
        return items.move_id.sudo().transaction_ids.filtered(
            lambda payment: payment.state in ("pending", "authorized")
        )

    def _begin_payment(self, contact, company, address, chosen, kwargs):
        """Create a transaction of Odoo's and return what the provider wants.

        :raise ValidationError: when something was paid meanwhile or is asked for that
            the page does not offer
        """
        self._speak_to(contact)
        kwargs = {**kwargs, "tokenization_requested": False}
        kwargs.pop("access_token", None)
        self._validate_transaction_kwargs(kwargs)
        if kwargs.get("flow") not in ("redirect", "direct"):
            raise ValidationError(
                request.env._("Saved payment methods are not used here.")
            )
        wanted = self._to_ids(chosen.split("-"))
        answers = request.env["ar.answer"].sudo()
        items = answers._find_items(contact, company, wanted)
        amount = self._cast_as_float(kwargs.get("amount"))
        self._check_payment(items, wanted, amount)
        self._check_offered(contact, items, amount, kwargs)
        kwargs.update(
            amount=items.currency_id.round(amount),
            currency_id=items.currency_id.id,
            partner_id=contact.id,
            landing_route=f"{address}?thanks=1",
            is_validation=False,
            token_id=None,
        )
        moves = [Command.set(items.move_id.ids)]
        payment = self._create_transaction(
            custom_create_values={"invoice_ids": moves}, **kwargs
        )
        return payment._get_processing_values()

    def _check_payment(self, items, wanted, amount):
        if len(items) != len(set(wanted)) or not items or not amount:
            raise ValidationError(
                request.env._(
                    "Something you chose has been paid or changed meanwhile. Go back "
                    "and choose again."
                )
            )
        try:
            self._check_payable(items, amount)
        except UserError as error:
            raise ValidationError(str(error)) from None

    def _check_offered(self, contact, items, amount, kwargs):
        """Only what the page offers: no provider of another company."""
        providers, methods = self._get_offer(contact, items, amount)
        is_offered = kwargs.get("provider_id") in providers.ids
        if not is_offered or kwargs.get("payment_method_id") not in methods.ids:
            raise ValidationError(
                request.env._("This payment method is not offered. Choose another.")
            )
