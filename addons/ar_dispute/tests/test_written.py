from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestWritten(DunningCommon, DisputeCommon):
    """What was written about the disputed items stands beside the dispute by itself."""

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def written(self, dispute, user):
        """Return how many messages a user is told of, and those that open."""
        dispute = dispute.with_user(user)
        dispute.invalidate_recordset()
        action = dispute.action_open_written()
        messages = self.env[action["res_model"]].with_user(user)
        return dispute.written_count, messages.search(action["domain"])

    def write_about(self, record, body="Where are my goods?"):
        return record.message_post(body=body, message_type="email")

    def test_of_invoices(self):
        move = self.invoice()
        dispute = self.dispute(move)
        count, messages = self.written(dispute, self.accountant)
        self.assertEqual((count, len(messages)), (0, 0), "changes are not messages")
        message = self.write_about(move)
        self.write_about(self.invoice(), "Another matter")
        self.assertEqual(self.written(dispute, self.accountant), (1, message))

    def test_of_reminders(self):
        move = self.invoice(date="2026-01-01", due="2026-02-01")
        reminder = self.prepare(self.customer)
        self.done(reminder)
        dispute = self.dispute(move)
        count, messages = self.written(dispute, self.accountant)
        answer = self.write_about(reminder)
        self.assertEqual(
            self.written(dispute, self.accountant), (count + 1, messages | answer)
        )

    def test_several_disputes_count_apart(self):
        moves = self.invoice(), self.invoice()
        disputes = [self.dispute(move) for move in moves]
        for number, move in enumerate(moves, start=1):
            for _each in range(number):
                self.write_about(move)
        both = disputes[0] | disputes[1]
        self.assertEqual(both.mapped("written_count"), [1, 2])

    def test_as_many_queries_for_many(self):
        disputes = [self.dispute(self.invoice()) for _each in range(6)]
        queries = []
        for number in (1, 2, 6):  # the first fills caches
            some = self.env["ar.dispute"].union(*disputes[:number])
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.mapped("written_count")
            queries.append(self.cr.sql_log_count - before)
        self.assertEqual(queries[1], queries[2])

    def test_who_may_not_read_it_is_not_told_of_it(self):
        move = self.invoice()
        dispute = self.dispute(move, user_id=self.user_own.id)
        message = self.write_about(move)
        self.assertFalse(move.with_user(self.user_own).has_access("read"))
        told = {
            user: dispute.with_user(user).written_count
            for user in (self.accountant, self.user_own)
        }
        self.assertEqual(told, {self.accountant: 1, self.user_own: 0})
        self.assertEqual(self.written(dispute, self.accountant)[1], message)
        self.assertFalse(self.written(dispute, self.user_own)[1])

    def test_view_opens(self):
        dispute = self.dispute(self.invoice())
        action = dispute.with_user(self.accountant).action_open_written()
        views = self.env["mail.message"].with_user(self.accountant)
        views = views.get_views(action["views"])["views"]
        self.assertEqual(set(views), {"list", "form"})
