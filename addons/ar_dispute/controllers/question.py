"""A colleague without a login answers a question about a dispute."""

from odoo import http
from odoo.http import request

from odoo.addons.ar_ledger.controllers.sealed_page import BY_LINK, SealedPage

#: Files of one answer, and their bytes together.
MOST_FILES = 5
MOST_BYTES = 20 * 1024 * 1024
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
        files = [
            file for file in request.httprequest.files.getlist("files") if file.filename
        ]
        problem = self._get_problem(text, files)
        if problem:
            return self._show(link, token, problem=problem, text=text, name=name)
        question = link._get_record()
        question._receive(
            text.strip(),
            name.strip()[:100],
            [(file.filename, file.read()) for file in files],
        )
        return self._say("ar_dispute.question_answered")

    def _open(self, token, kind):
        link = request.env["ar.link"]._find("dispute_question", token)
        address = request.httprequest.remote_addr
        if not link or not link._log_use(address, kind) or not link._get_record():
            return request.env["ar.link"]
        return link

    def _get_problem(self, text, files):
        if not text.strip():
            return request.env._("Please write your answer.")
        if len(text) > MOST_CHARACTERS:
            return request.env._("The answer is too long: send it as a file.")
        if len(files) > MOST_FILES:
            return request.env._(
                "At most %(count)s files can be sent at once.", count=MOST_FILES
            )
        if (request.httprequest.content_length or 0) > MOST_BYTES:
            return request.env._(
                "The files are too big together: at most %(size)s MB.",
                size=MOST_BYTES // 1024 // 1024,
            )
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
