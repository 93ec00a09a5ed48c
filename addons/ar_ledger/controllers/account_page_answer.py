"""What a customer answers on the account page."""

import re
from datetime import date

from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .account_page import BY_LOGIN, MINE, AccountPage
from .sealed_page import BY_LINK

POSTED = {"methods": ["POST"]}
#: Thousands stand in groups of three, so that 12,50 is never read as 1250.
POINT_AMOUNT = r"-?(\d{1,15}|\d{1,3}([ ,]\d{3}){1,4})(\.\d{1,6})?"
COMMA_AMOUNT = r"-?(\d{1,15}|\d{1,3}([ .]\d{3}){1,4})(,\d{1,6})?"
#: One line of a form.
MOST_IN_A_LINE = 200


class AccountPageAnswer(AccountPage):
    """The forms of the account page. They are sent by POST with a token of the session
    and end in a page that can be loaded again without sending anything twice."""

    @http.route("/ar/account/<string:token>/answer", **{**BY_LINK, **POSTED})
    def answer(self, token, **form):
        """Keep what the holder of a link answers."""
        refusal, contact, company = self._open(token, "answered")
        link = self._find(token)
        address = f"/ar/account/{token}"
        return refusal or self._answer(contact, company, address, form, link)

    @http.route(f"{MINE}/answer", **{**BY_LOGIN, **POSTED})
    def answer_mine(self, **form):
        """Keep what somebody answers who is logged in."""
        refusal, contact, company = self._open_mine()
        return refusal or self._answer(contact, company, MINE, form)

    def _answer(self, contact, company, address, form, link=None):
        self._speak_to(contact)
        kind = form.get("kind", "")
        files, problem = self._take_files(f"{kind}_files")
        if not problem:
            problem = self._give(contact, company, kind, form, files, link)
        if problem:
            return self._show(contact, company, address, asked=form, problem=problem)
        return request.redirect(f"{address}?thanks=1", code=303)

    def _give(self, contact, company, kind, form, files, link):
        """Return what speaks against the answer, or None when it is kept."""
        answers = request.env["ar.answer"]
        try:
            with request.env.cr.savepoint():
                said = self._read_said(kind, form)
                answers._give(contact, company, kind, said, files=files, link=link)
        except UserError as error:
            return str(error)
        return None

    def _read_said(self, kind, form):
        """Return what was said, as ``ar.answer._give`` wants it. Hook: call super, add
        what your kinds ask for.

        :raise UserError: when it cannot be read
        """
        return {
            "items": self._read_items(),
            "day": self._read_day(form.get(f"{kind}_day")),
            "amount": self._read_amount(form.get(f"{kind}_amount")),
            "text": (form.get(f"{kind}_text") or "").strip(),
            **{
                name: (form.get(name) or "").strip()[:MOST_IN_A_LINE]
                for name in ("contact_name", "contact_email", "contact_phone")
            },
        }

    def _read_items(self):
        """Return the ids of the chosen items, of the address or of the form."""
        return self._to_ids(request.httprequest.values.getlist("items"))

    def _to_ids(self, texts):
        """Return the numbers among texts, but none larger than any id."""
        return [int(text) for text in texts if text.isdecimal() and len(text) < 16]

    def _read_day(self, text):
        """Return a date; the input of a browser sends it as year-month-day."""
        if not text:
            return None
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            raise UserError(
                request.env._("Enter the day as year-month-day, such as 2026-03-31.")
            ) from None

    def _read_amount(self, text):
        """Return a number as it is written in the language of the customer, or with a
        point; None where nothing is entered."""
        text = (text or "").strip().replace("\u202f", "").replace("\u00a0", "")
        if not text:
            return None
        try:
            return self._parse_amount(text)
        except ValueError:
            raise UserError(
                request.env._("Enter the amount as a number, such as 1250.50.")
            ) from None

    def _parse_amount(self, text):
        """Return the number; a comma or point that could mean either is read as the
        language does, and refused where it fits neither.

        :raise ValueError: it is no amount
        """
        lang = request.env["res.lang"]._get_data(code=request.env.lang)
        has_comma = lang.decimal_point == ","
        pattern = COMMA_AMOUNT if has_comma and "," in text else POINT_AMOUNT
        if not re.fullmatch(pattern, text):
            raise ValueError(text)
        if pattern is COMMA_AMOUNT:
            text = text.replace(".", "").replace(",", ".")
        return float(text.replace(" ", "").replace(",", ""))

    def _read_asked(self, asked):
        kinds = request.env["ar.answer"]._fields["kind"].get_values(request.env)
        kind = asked.get("kind")
        return {
            **super()._read_asked(asked),
            "said": asked,
            "kind": kind if kind in kinds else "",
            "chosen": self._read_items(),
            "thanks": asked.get("thanks") == "1",
        }
