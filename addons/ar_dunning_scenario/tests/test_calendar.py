from datetime import date

from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.models.ar_dunning_calendar import get_timezone

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestCalendar(DunningCommon):
    """The customer's working days and hours. Today is Monday, 2 March 2026."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(("first", 5, {}), ("second", 9, {}))
        cls.customer.ar_dunning_scenario_id = cls.ladder
        cls.jordan, cls.japan, cls.france, cls.us = (
            cls.env.ref(f"base.{code}") for code in ("jo", "jp", "fr", "us")
        )
        calendars = cls.env["resource.calendar"]
        cls.office = cls.company.resource_calendar_id
        cls.sunday_week = calendars.create(
            {
                "name": "Sunday to Thursday",
                "company_id": False,
                "tz": "Asia/Amman",
                "attendance_ids": [
                    (5, 0, 0),
                    *(
                        (
                            0,
                            0,
                            {
                                "name": day,
                                "dayofweek": day,
                                "hour_from": 8,
                                "hour_to": 16,
                            },
                        )
                        for day in "60123"
                    ),
                ],
            }
        )

    def by_country(self, country, calendar):
        self.env["ar.dunning.calendar"].create(
            {
                "company_id": self.company.id,
                "country_id": country.id,
                "calendar_id": calendar.id,
            }
        )

    def next_date(self, move):
        self.refresh()
        return str(self.item(move).next_date)

    def test_whose_days(self):
        """Due on Sunday, 1 March: the step comes on Friday the 6th."""
        move = self.invoice(due="2026-03-01")
        self.customer.country_id = self.jordan
        self.assertEqual(self.next_date(move), "2026-03-06")
        self.by_country(self.jordan, self.sunday_week)
        self.assertEqual(self.next_date(move), "2026-03-08", "Sunday")
        self.customer.ar_dunning_calendar_id = self.office
        self.assertEqual(self.next_date(move), "2026-03-06", "the customer's own")
        self.customer.ar_dunning_calendar_id = False
        self.customer.country_id = self.france
        self.assertEqual(self.next_date(move), "2026-03-06")
        self.company.ar_dunning_calendar_id = self.sunday_week
        self.assertEqual(self.next_date(move), "2026-03-08", "the company's")

    def test_public_holiday_of_the_country(self):
        self.by_country(self.jordan, self.sunday_week)
        self.customer.country_id = self.jordan
        move = self.invoice(due="2026-03-03")
        self.assertEqual(self.next_date(move), "2026-03-08")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.sunday_week.id,
                "date_from": "2026-03-07 22:00:00",
                "date_to": "2026-03-08 20:59:59",
            }
        )
        self.assertEqual(self.next_date(move), "2026-03-09")

    def test_another_company_has_its_own_table(self):
        self.company_b.ar_ledger_active = self.company_b.ar_dunning_active = True
        self.company_b.ar_dunning_scenario_id = self.ladder
        self.by_country(self.jordan, self.sunday_week)
        self.customer.country_id = self.jordan
        move = self.invoice(due="2026-03-01", company=self.company_b)
        self.refresh(self.company_b)
        self.assertEqual(self.item(move).next_date, date(2026, 3, 6))

    def test_zone(self):
        for country, own, zone in [
            (False, "Asia/Tokyo", "Europe/Paris"),
            ("jp", "Europe/Paris", "Asia/Tokyo"),
            ("fr", "Asia/Tokyo", "Europe/Paris"),
            ("us", "America/Chicago", "America/Chicago"),
            ("us", "Europe/Paris", "America/New_York"),
            ("us", False, "America/New_York"),
        ]:
            with self.subTest(country=country, own=own):
                self.customer.country_id = country and self.env.ref(f"base.{country}")
                self.customer.tz = own
                self.assertEqual(get_timezone(self.customer, "Europe/Paris"), zone)

    def test_hours_of_the_customer(self):
        """8 to 18 o'clock; in 2026 New York changes its clocks on 8 March."""
        self.invoice(due="2026-02-25")
        reminder = self.prepare(self.customer)
        for country, zone, moment, works in [
            ("jp", False, "2026-03-02 22:59:00", False),
            ("jp", False, "2026-03-02 23:00:00", True),
            ("jp", False, "2026-03-02 08:59:00", True),
            ("jp", False, "2026-03-02 09:00:00", False),
            ("us", "America/New_York", "2026-03-06 12:59:00", False),
            ("us", "America/New_York", "2026-03-06 13:00:00", True),
            ("us", "America/New_York", "2026-03-09 12:00:00", True),
            ("us", "America/New_York", "2026-03-09 11:59:00", False),
            ("us", "America/Los_Angeles", "2026-03-06 15:59:00", False),
            ("us", "America/Los_Angeles", "2026-03-06 16:00:00", True),
        ]:
            with self.subTest(country=country, moment=moment), self.at(moment):
                self.customer.country_id = self.env.ref(f"base.{country}")
                self.customer.tz = zone
                self.assertEqual(bool(reminder._filter_working()), works)

    def test_their_day_is_the_working_day(self):
        """Sunday evening in UTC is Monday morning in Tokyo, and Friday evening is
        Saturday there."""
        self.by_country(self.japan, self.office)
        self.customer.country_id = self.japan
        self.invoice(due="2026-02-25")
        reminder = self.prepare(self.customer)
        for moment, works in [
            ("2026-03-08 23:30:00", True),
            ("2026-03-06 23:30:00", False),
        ]:
            with self.subTest(moment), self.at(moment):
                self.assertEqual(bool(reminder._filter_working()), works)

    def test_queries_do_not_grow_with_customers(self):
        self.by_country(self.jordan, self.sunday_week)
        customers = [self.new_customer(f"Customer {number}") for number in range(6)]
        for customer in customers:
            customer.country_id = self.jordan
            customer.ar_dunning_scenario_id = self.ladder
            self.invoice(customer, due="2026-02-20")
        reminders = self.prepare(*customers)
        counts = []
        for some in (reminders[:1], reminders[:1], reminders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._filter_working()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
