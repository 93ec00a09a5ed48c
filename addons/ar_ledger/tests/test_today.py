from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestToday(ReceivablesCommon):
    two_companies = True

    def test_today_is_where_the_company_is(self):
        cases = [
            # (UTC moment, time zone of the company's partner, today)
            ("2026-03-02 23:30:00", "UTC", date(2026, 3, 2)),
            ("2026-03-02 23:30:00", "Europe/Paris", date(2026, 3, 3)),
            ("2026-03-03 02:30:00", "America/New_York", date(2026, 3, 2)),
            ("2028-02-28 23:59:59", "Asia/Tokyo", date(2028, 2, 29)),
            # The night on which summer time begins: 02:00 becomes 03:00.
            ("2026-03-28 23:30:00", "Europe/Paris", date(2026, 3, 29)),
            ("2026-03-02 23:30:00", False, date(2026, 3, 2)),
        ]
        for moment, timezone, expected in cases:
            with self.subTest(moment=moment, timezone=timezone):
                self.company.partner_id.tz = timezone
                with freeze_time(moment):
                    self.assertEqual(self.company._ar_today(), expected)
                    todays = self.env["res.company"]._ar_todays()
                    self.assertEqual(todays[self.company.id], expected)

    def test_users_time_zone_does_not_matter(self):
        self.company.partner_id.tz = "Europe/Paris"
        with freeze_time("2026-03-02 23:30:00"):
            far_away = self.company.with_context(tz="Pacific/Honolulu")
            self.assertEqual(far_away._ar_today(), date(2026, 3, 3))

    def test_due_yesterday_here_due_today_there(self):
        """At one UTC moment an item is overdue in one company and not in the other."""
        self.company.partner_id.tz = "Europe/Paris"
        self.company_b.partner_id.tz = "UTC"
        dates = {"date": "2026-03-01", "due": "2026-03-02"}
        here = self.invoice(**dates)
        there = self.invoice(**dates, company=self.company_b)
        with self.at("2026-03-02 23:30:00"):
            self.assertEqual(self.items(here).days_overdue, 1)
            self.assertEqual(self.items(there).days_overdue, 0)

    def test_no_query_when_warm(self):
        self.company._ar_today()
        with self.assertQueryCount(0):
            self.company._ar_today()
            self.env["res.company"]._ar_todays()

    def test_new_company_has_a_today(self):
        company = self.env["res.company"].create({"name": "New"})
        company.partner_id.tz = "Asia/Tokyo"
        with freeze_time("2026-03-02 23:30:00"):
            self.assertEqual(company._ar_today(), date(2026, 3, 3))
