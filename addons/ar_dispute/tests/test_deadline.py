from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestDeadline(DisputeCommon):
    def test_counted_in_working_days(self):
        cases = [
            # (opened on, working days, deadline)
            ("2026-03-02", 1, date(2026, 3, 3)),
            ("2026-03-02", 4, date(2026, 3, 6)),
            ("2026-03-02", 5, date(2026, 3, 9)),
            ("2026-03-06", 1, date(2026, 3, 9)),
            ("2026-03-07", 1, date(2026, 3, 9)),
            ("2026-03-02", 0, date(2026, 3, 2)),
        ]
        for opened, days, deadline in cases:
            with self.subTest(opened=opened, days=days), self.at(opened):
                self.reason.deadline_days = days
                self.assertEqual(self.reason._get_deadline(self.company), deadline)

    def test_public_holidays_do_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": datetime(2026, 3, 3, 0),
                "date_to": datetime(2026, 3, 3, 23, 59),
            }
        )
        self.reason.deadline_days = 1
        self.assertEqual(self.reason._get_deadline(self.company), date(2026, 3, 4))

    def test_holidays_of_another_company_do_not_matter(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        leaves = self.env["resource.calendar.leaves"].with_company(other)
        leaves.create(
            {
                "name": "Closed",
                "calendar_id": False,
                "date_from": datetime(2026, 3, 3, 0),
                "date_to": datetime(2026, 3, 3, 23, 59),
            }
        )
        self.reason.deadline_days = 1
        self.assertEqual(self.reason._get_deadline(self.company), date(2026, 3, 3))

    def test_calendar_without_hours_counts_days(self):
        self.company.resource_calendar_id.attendance_ids.unlink()
        self.reason.deadline_days = 3
        self.assertEqual(self.reason._get_deadline(self.company), date(2026, 3, 5))

    def test_late_when_the_deadline_has_passed(self):
        dispute = self.dispute(self.invoice(), date_deadline="2026-03-10")
        decided = self.dispute(self.invoice(), date_deadline="2026-03-10")
        decided.action_accept()
        both = dispute | decided
        for day, late in (("2026-03-10", False), ("2026-03-11", True)):
            with self.subTest(day=day), self.at(day):
                self.assertEqual(dispute.is_late, late)
                self.assertFalse(decided.is_late)
                found = both.search([("is_late", "=", True), ("id", "in", both.ids)])
                self.assertEqual(found, dispute if late else both.browse())
                rest = both.search([("is_late", "=", False), ("id", "in", both.ids)])
                self.assertEqual(rest, both - found)

    def test_reasons_and_causes_in_use_stay(self):
        self.dispute(self.invoice(), cause_id=self.cause.id)
        for used in (self.reason, self.cause):
            with self.subTest(used), self.assertRaisesRegex(UserError, "Archive it"):
                used.unlink()
            used.copy().unlink()
