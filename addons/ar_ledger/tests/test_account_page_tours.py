from odoo.tests import tagged

from .answer_common import AnswerCommon


class AccountPageTours(AnswerCommon):
    __test__ = False

    def answer_and_accept(self):
        self.env.flush_all()
        self.start_tour(f"/ar/account/{self.token}", "ar_account_page_customer")
        self.env.invalidate_all()
        answer = self.answers()
        self.assertEqual((answer.kind, answer.state), ("paid", "new"))
        self.assertEqual(answer.text, "By transfer", "kept while the day was missing")
        return answer


@tagged("post_install", "-at_install")
class TestAccountPageDesktop(AccountPageTours):
    __test__ = True

    def test_customer_answers_and_collector_accepts(self):
        answer = self.answer_and_accept()
        collector = self.new_user("inbox", "account.group_account_invoice")
        self.start_tour(
            "/odoo/receivables-answers", "ar_answer_collector", login=collector.login
        )
        self.env.invalidate_all()
        self.assertEqual(answer.state, "accepted")
        self.assertEqual(answer.decided_by_id, collector)


@tagged("post_install", "-at_install")
class TestAccountPagePhone(AccountPageTours):
    __test__ = True
    browser_size = "375x667"
    touch_enabled = True

    def test_customer_answers(self):
        self.answer_and_accept()
