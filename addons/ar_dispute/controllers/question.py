"""A colleague without a login answers a question about a dispute."""

from odoo import http
from odoo.http import request

from odoo.addons.ar_ledger.controllers.sealed_page import BY_LINK, SealedPage

MOST_CHARACTERS = 10_000


class DisputeQuestion(SealedPage, http.Controller):
    @http.route("/ar/question/<string:token>", **BY_LINK)
    def show(self, token):
        """Show the question. Nothing changes but the log of the link's uses."""
        link = self._open(token, "seen")
        if not link:
            return self._say("ar_dispute.question_gone", status=404)
        return self._show(link, token)

    @http.route("/ar/question/<string:token>", **{**BY_LINK, "methods": ["POST"]})
    def answer(self, token, text="", name="", **_post):
        """Keep the answer with its files in the dispute, and tell the owner."""
        link = self._open(token, "answered")
        if not link:
            return self._say("ar_dispute.question_gone", status=404)
        files, problem = self._take_files("files")
        problem = self._get_problem(text) or problem
        if problem:
            return self._show(link, token, problem=problem, text=text, name=name)
        question = link._get_record()
        question._receive(
            text.strip(),
            name.strip()[:100],
            files,
        )
        return self._say("ar_dispute.question_answered")

    def _open(self, token, kind):
        link = request.env["ar.link"]._find("dispute_question", token)
        address = request.httprequest.remote_addr
        if not link or not link._log_use(address, kind) or not link._get_record():
            return request.env["ar.link"]
        return link

    def _get_problem(self, text):
        if not text.strip():
            return request.env._("Please write your answer.")
        if len(text) > MOST_CHARACTERS:
            return request.env._("The answer is too long: send it as a file.")
        return ""

    def _show(self, link, token, **values):
        question = link._get_record()
        return self._say(
            "ar_dispute.question_page",
            question=question,
            dispute=question.dispute_id,
            action=f"/ar/question/{token}",
            **values,
        )
