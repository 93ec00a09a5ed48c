from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseViews(PromiseCommon):
    """Every filter and grouping of the search views works, for a plain collector."""

    def test_filters_and_groups(self):
        self.promise(self.invoice(due="2026-02-20"), "2026-03-06")
        self.agree(
            self.invoice(amount=200, due="2026-02-20"),
            ("2026-03-06", 100),
            ("2026-04-06", 100),
        )
        for model in "ar.promise", "ar.payment.plan", "ar.dunning.call.result":
            records = self.env[model].with_user(self.user_collector)
            arch = self.env["ir.ui.view"].sudo()
            views = arch.search([("model", "=", model), ("type", "=", "search")])
            for node in views._get_combined_arch().iter("filter"):
                with self.subTest(model, filter=node.get("name")):
                    self._try(records, node)

    def _try(self, records, node):
        if domain := node.get("domain"):
            records.search(safe_eval(domain, {"uid": records.env.uid}))
        if context := node.get("context"):
            group = safe_eval(context)["group_by"]
            records.formatted_read_group([], [group], ["__count"])

    def test_this_week(self):
        promise = self.promise(self.invoice(due="2026-02-20"), "2026-03-06")
        later = self.promise(self.invoice(due="2026-02-20"), "2026-03-12")
        this_week = [("state", "=", "open"), ("date", "<", "today =week_start +7d")]
        found = self.promises.search(this_week)
        self.assertEqual(found, promise)
        self.assertNotIn(later, found)

    def test_forms_open(self):
        promise = self.promise(self.invoice(due="2026-02-20"), "2026-03-06")
        for record in promise, self.customer, promise.line_ids.move_id:
            with self.subTest(record._name):
                Form(record.with_user(self.env.user))
