from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestEscalation(DisputeCommon):
    """The price reason gives three working days: until Thursday, 2026-03-05."""

    two_companies = True

    @classmethod
    def new_user(cls, login, groups, **kwargs):
        # What is sent by e-mail alone leaves nothing behind.
        return super().new_user(login, groups, notification_type="inbox", **kwargs)

    def told(self, user):
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", user.partner_id.ids),
                    ("message_type", "=", "user_notification"),
                ],
                order="id",
            )
        )

    def night(self, day):
        """The stage of the disputes alone; that it is one is said elsewhere."""
        with self.at(day):
            runs = self.env["ar.run"].sudo()._ensure_runs(self.company)
            run = runs.filtered(lambda each: each.stage == "disputes")
            self.env["ar.dispute"].sudo()._run_night(run)

    def test_the_owner_is_reminded_once(self):
        dispute = self.dispute(self.invoice(), user_id=self.user_own.id)
        before = self.told(self.user_own)
        self.night("2026-03-03")
        self.assertEqual(self.told(self.user_own), before, "too early")
        self.night("2026-03-04")
        self.assertEqual(len(self.told(self.user_own) - before), 1)
        self.assertTrue(dispute.reminded_on)
        self.night("2026-03-05")
        self.assertEqual(len(self.told(self.user_own) - before), 1)

    def test_one_message_about_all(self):
        for _each in range(3):
            self.dispute(self.invoice(), user_id=self.user_own.id)
        before = self.told(self.user_own)
        self.night("2026-03-04")
        new = self.told(self.user_own) - before
        self.assertEqual(len(new), 1)
        self.assertEqual(new.body.count("<li>"), 3)

    def test_late_ones_are_escalated_until_decided(self):
        boss = self.new_user("boss", "ar_ledger.ar_ledger_group_viewer")
        self.company.write(
            {"ar_dispute_escalation_user_id": boss.id, "ar_dispute_escalate_days": 3}
        )
        dispute = self.dispute(self.invoice())
        days = {
            "2026-03-05": 0,
            "2026-03-06": 1,
            "2026-03-08": 1,
            "2026-03-09": 2,
            "2026-03-12": 3,
        }
        for day, count in days.items():
            self.night(day)
            with self.subTest(day):
                self.assertEqual(len(self.told(boss)), count)
        self.assertEqual(dispute.priority, "2")
        self.assertIn("Escalated to", self.events(dispute)[-1].text)
        with self.at("2026-03-12"):
            dispute.action_accept()
        self.night("2026-03-20")
        self.assertEqual(len(self.told(boss)), 3)

    def test_once_only(self):
        self.company.ar_dispute_escalate_days = 0
        self.dispute(self.invoice())
        before = self.told(self.user_manager)
        for day in ("2026-03-06", "2026-03-20"):
            self.night(day)
        self.assertEqual(len(self.told(self.user_manager) - before), 1)

    def test_to_whom(self):
        other = self.new_user("head", "ar_ledger.ar_ledger_group_own")
        named = self.dispute(self.invoice(), escalation_user_id=other.id)
        plain = self.dispute(self.invoice())
        foreign = self.new_user("foreign", "ar_ledger.ar_ledger_group_manager")
        foreign.write(
            {"company_ids": [(6, 0, self.company_b.ids)], "company_id": self.company_b}
        )
        before = self.told(self.user_manager)
        self.night("2026-03-06")
        self.assertIn(named.name, self.told(other).body)
        self.assertNotIn(plain.name, self.told(other).body)
        self.assertIn(plain.name, (self.told(self.user_manager) - before).body)
        self.assertFalse(self.told(foreign))

    def test_the_items_stay_suspended(self):
        move = self.invoice()
        self.dispute(move)
        self.night("2026-03-20")
        with self.at("2026-03-20"):
            self.assertEqual(self.items(move).suspension_kind, "dispute")

    def test_whoever_left_is_not_told(self):
        boss = self.new_user("boss", "ar_ledger.ar_ledger_group_viewer")
        self.company.ar_dispute_escalation_user_id = boss
        dispute = self.dispute(self.invoice())
        boss.active = False
        self.night("2026-03-09")
        self.assertNotIn(boss.name, self.events(dispute)[-1].text)
        self.assertIn(self.user_manager.name, self.events(dispute)[-1].text)

    def test_a_deadline_put_off_is_watched_anew(self):
        self.company.ar_dispute_escalate_days = 0
        dispute = self.dispute(self.invoice(), user_id=self.user_own.id)
        self.night("2026-03-04")
        self.night("2026-03-06")
        self.assertTrue(dispute.reminded_on and dispute.escalated_on)
        with self.at("2026-03-06"):
            dispute.date_deadline = "2026-03-20"
        self.assertFalse(dispute.reminded_on or dispute.escalated_on)
        self.night("2026-03-19")
        self.assertTrue(dispute.reminded_on)
        self.night("2026-03-21")
        self.assertTrue(dispute.escalated_on)
