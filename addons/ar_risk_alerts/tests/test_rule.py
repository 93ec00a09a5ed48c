from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestRule(RiskCommon):
    two_companies = True

    def test_would_close_as_soon_as_it_opens(self):
        for vals in ({"close_days": 31}, {"close_amount": 1000.01}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.rule.write(vals)

    def test_no_negative_thresholds(self):
        for vals in (
            {"open_days": -1, "close_days": -2},
            {"close_amount": -1},
            {"cooldown_days": -1},
        ):
            with (
                self.subTest(vals),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.rule.write(vals)
                self.env.flush_all()

    def test_root_companies_only(self):
        branch = self.new_branch()
        with self.assertRaisesRegex(ValidationError, "is a branch"):
            self.rule.company_id = branch

    def test_a_rule_with_history_is_archived_not_deleted(self):
        self.overdue()
        self.evaluate()
        with self.assertRaisesRegex(UserError, "Archive"):
            self.rule.unlink()
        self.rule.copy().unlink()

    def test_of_one_company(self):
        self.rule.company_id = self.company_b
        self.overdue()
        self.rule._evaluate_company(self.company)
        self.assertFalse(self.open_alert())

    def test_ships_archived(self):
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "ar_risk_alerts"), ("model", "=", "ar.risk.rule")]
        )
        self.assertIn("ar_risk_rule_overdue", shipped.mapped("name"))
        self.env["ar.risk.rule"].search([]).action_archive()
        self.overdue()
        self.rule._evaluate_company(self.company)
        self.assertFalse(self.alerts())

    def test_drill_down(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert()
        items = self.env["ar.open.item"].search(alert.action_open_items()["domain"])
        self.assertEqual(items.commercial_partner_id, self.customer)
        holds = self.env["ar.credit.hold"].search(alert.action_open_holds()["domain"])
        self.assertEqual(holds, self.hold(alert).with_env(holds.env))
        action = self.rule.action_open_alerts()
        self.assertEqual(self.env["ar.risk.alert"].search(action["domain"]), alert)
        self.assertEqual(self.rule.alert_count, 1)
