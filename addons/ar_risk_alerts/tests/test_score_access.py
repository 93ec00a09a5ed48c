from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .score_common import ScoreCommon

MODELS = (
    "ar.risk.score",
    "ar.risk.override",
    "ar.risk.outside.score",
    "ar.risk.outside.source",
    "ar.risk.criterion",
    "ar.risk.criterion.range",
)


@tagged("post_install", "-at_install")
class TestScoreAccess(ScoreCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = cls.user_own
        for partner in cls.customer | cls.other_customer:
            cls.overdue(1200, partner)
        cls.overdue(1200, company=cls.company_b)
        cls.switch_on(cls.company_b, ar_ledger_active=True, ar_risk_active=True)
        for company in cls.company | cls.company_b:
            cls.env["ar.risk.score"].sudo()._score_all(company)
        cls.env.invalidate_all()
        cls.portal = new_test_user(cls.env, login="rsp", groups="base.group_portal")
        cls.contacts_only = cls.new_user("contacts", "base.group_user")

    def test_who_reads_which_scores(self):
        both = self.customer | self.other_customer
        for user, expected in (
            (self.user_own, self.customer),
            (self.user_viewer, both),
            (self.user_collector, both),
            (self.user_manager, both),
        ):
            with self.subTest(user.login):
                scores = self.env["ar.risk.score"].with_user(user).search([])
                self.assertEqual(scores.company_id, self.company.with_user(user))
                seen = scores.sudo().commercial_partner_id
                self.assertEqual(seen & both, expected.sudo())

    def test_without_a_role_nothing(self):
        for user in (self.portal, self.contacts_only):
            for model in MODELS:
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search_read([])

    def test_nobody_writes_scores_and_decisions_by_hand(self):
        for user in (self.user_own, self.user_collector, self.user_manager):
            for model in ("ar.risk.score", "ar.risk.override"):
                for operation in ("create", "write", "unlink"):
                    with self.subTest(user=user.login, model=model, op=operation):
                        records = self.env[model].with_user(user)
                        self.assertFalse(records.has_access(operation))

    def test_criteria_belong_to_credit_managers(self):
        for user, allowed in ((self.user_collector, False), (self.user_manager, True)):
            for model in ("ar.risk.criterion", "ar.risk.outside.source"):
                with self.subTest(user=user.login, model=model):
                    records = self.env[model].with_user(user)
                    self.assertEqual(records.has_access("write"), allowed)

    def test_others_customers_show_no_score(self):
        for user, seen in ((self.user_own, False), (self.user_viewer, True)):
            with self.subTest(user.login):
                partner = self.other_customer.with_user(user)
                self.assertEqual(bool(partner.ar_risk_score_id), seen)
                self.assertEqual(bool(partner.ar_risk_lines_html), seen)

    def test_views_open(self):
        for model, kinds in (
            ("ar.risk.score", ("list", "form", "graph", "search")),
            ("ar.risk.override", ("list", "search")),
            ("ar.risk.outside.score", ("list", "search")),
            ("ar.risk.criterion", ("list", "form", "search")),
        ):
            with self.subTest(model):
                views = (
                    self.env[model]
                    .with_user(self.user_manager)
                    .get_views([(False, kind) for kind in kinds])
                )
                self.assertEqual(set(views["views"]), set(kinds))
        score = self.score().with_user(self.user_own)
        self.assertIn("Evidence", Form(score).lines_html)
