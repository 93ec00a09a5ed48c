from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.violation import Violation
from .common import CreditCommon


class AuthorityCommon(CreditCommon):
    """A boss without bound, a manager up to 2,000, and somebody who sees it all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls.new_user("boss", "ar_ledger.ar_ledger_group_manager")
        cls.Authority = cls.env["ar.credit.authority"]
        cls.Substitute = cls.env["ar.credit.substitute"]

    @classmethod
    def authority(cls, who, amount=None, basis="order", **values):
        field = "user_id" if who._name == "res.users" else "group_id"
        return cls.Authority.sudo().create(
            {
                "company_id": cls.company.id,
                field: who.id,
                "basis": basis,
                "is_unbounded": amount is None,
                "amount": amount or 0.0,
                **values,
            }
        )

    @classmethod
    def substitute(cls, absent, substitute, **values):
        return cls.Substitute.sudo().create(
            {
                "user_id": absent.id,
                "substitute_id": substitute.id,
                "date_from": date(2026, 3, 2),
                "date_until": date(2026, 3, 6),
                **values,
            }
        )

    def asked(self, hold):
        kind = self.env.ref("ar_credit_limit.mail_activity_type_release_request")
        return hold.activity_ids.filtered(lambda a: a.activity_type_id == kind).user_id


@tagged("post_install", "-at_install")
class TestAuthority(AuthorityCommon):
    two_companies = True

    def test_empty_matrix_leaves_it_to_every_credit_manager(self):
        for user, expected in (
            (self.user_manager, True),
            (self.manager_2, True),
            (self.user_collector, False),
            (self.user_viewer, False),
            (self.salesperson, False),
        ):
            with self.subTest(user.login):
                hold = self.held(999999.0).ar_credit_hold_id.with_user(user)
                self.assertEqual(hold.can_decide, expected)
                self.assertEqual(not hold._get_refusal_to_release(), expected)

    def test_matrix(self):
        """Who releases how much, by person and role, by order and by excess."""
        self.authority(self.boss)
        self.authority(self.user_manager, 2000.0)
        self.authority(
            self.env.ref("ar_ledger.ar_ledger_group_collector"), 300.0, "excess"
        )
        self.authority(self.manager_2, 1100.0, "excess", active=False)
        for amount, user, expected in (
            (1200.0, self.boss, True),
            (999999.0, self.boss, True),
            (2000.0, self.user_manager, True),
            (2000.01, self.user_manager, False),
            (1300.0, self.user_collector, True),
            (1300.01, self.user_collector, False),
            # A credit manager is a collector, too, and nothing more in this matrix.
            (1300.0, self.manager_2, True),
            (1500.0, self.manager_2, False),
            (1100.0, self.user_viewer, False),
            (1100.0, self.salesperson, False),
        ):
            with self.subTest(amount=amount, user=user.login):
                hold = self.held(amount).ar_credit_hold_id.with_user(user)
                if expected:
                    hold._release("Fine")
                    self.assertEqual(hold.state, "released")
                else:
                    with self.assertRaises(UserError):
                        hold._release("Fine")
                    self.assertEqual(hold.state, "held")

    def test_the_ceiling_counts(self):
        self.authority(self.user_manager, 2000.0)
        self.authority(self.manager_2, 700.0, "excess")
        for user, ceiling, expected in (
            (self.user_manager, 2000.0, True),
            (self.user_manager, 2000.01, False),
            (self.manager_2, 1700.0, True),
            (self.manager_2, 1700.01, False),
        ):
            with self.subTest(user=user.login, ceiling=ceiling):
                hold = self.held(1500.0).ar_credit_hold_id.with_user(user)
                self.assertEqual(not hold._get_refusal_to_release(ceiling), expected)

    def test_the_excess_of_now_counts(self):
        """More than when it was held, where more is owed by now."""
        self.authority(self.manager_2, 500.0, "excess")
        hold = self.held(1400.0).ar_credit_hold_id.with_user(self.manager_2)
        self.assertFalse(hold._get_refusal_to_release())
        self.invoice(amount=100.0)
        self.assertFalse(hold._get_refusal_to_release())
        self.invoice(amount=0.01)
        with self.assertRaisesRegex(UserError, "beyond your authority"):
            hold._release("Fine")
        self.assertTrue(hold._get_refusal_to_release(1399.0) is False)

    def test_limit_beyond_the_authority(self):
        """Neither prolonged nor put before a cut that is planned."""
        self.authority(self.boss)
        self.authority(self.user_manager, 2000.0)
        self.grant(amount=5000.0, user=self.boss, date_until=date(2026, 3, 6))
        for until in (None, date(2026, 3, 7)):
            with self.assertRaisesRegex(UserError, "beyond your authority"):
                self.grant(amount=5000.0, date_until=until)
        self.grant(amount=4000.0, date_until=date(2026, 3, 6))
        self.grant(amount=9000.0, user=self.boss)
        self.grant(amount=100.0, user=self.boss, date_from=date(2026, 4, 1))
        with self.assertRaisesRegex(UserError, "beyond your authority"):
            self.grant(amount=9000.0)
        self.grant(amount=9000.0, date_until=date(2026, 3, 31))
        self.grant(amount=2000.0)

    def test_four_eyes_by_another_decision(self):
        """Who requested a release raises no limit and exempts nothing instead."""
        exemptions = self.env["ar.credit.exemption"]
        order = self.held(1400.0)
        hold = order.ar_credit_hold_id
        hold.with_user(self.user_manager)._request("Please")

        def exempt(user, of_order=None):
            return exemptions.with_user(user)._grant(
                self.customer,
                self.company,
                "Known",
                date(2026, 3, 31),
                order=of_order,
            )

        for name, decide in {
            "limit": lambda user: self.grant(amount=1001.0, user=user),
            "no check": lambda user: self.grant(state="unchecked", user=user),
            "order": lambda user: exempt(user, order),
            "customer": exempt,
        }.items():
            with self.subTest(name):
                with self.assertRaisesRegex(UserError, "requested the release"):
                    decide(self.user_manager)
        exempt(self.user_manager, self.order(10.0))
        self.grant(amount=900.0, user=self.user_manager)
        self.grant(amount=1400.0, user=self.manager_2)
        self.recheck()
        self.assertEqual(hold.state, "cleared")
        self.grant(amount=1500.0, user=self.user_manager)

    def test_another_reason_than_the_limit_counts_in_full(self):
        self.authority(self.manager_2, 100.0, "excess")
        order = self.order(500.0)
        order._hold_by_hand("Wrong address")
        hold = order.ar_credit_hold_id.with_user(self.manager_2)
        self.assertTrue(hold._get_refusal_to_release())

    def test_of_a_team_or_a_class(self):
        """Rows bound to a team or a class are for its orders and customers alone."""
        north, south = self.teams("North", "South")
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        self.authority(self.boss)
        self.authority(self.user_manager, 2000.0, team_id=north.id)
        self.authority(self.user_manager, 1200.0, team_id=south.id)
        self.authority(self.manager_2, 3000.0, risk_class_id=high.id)
        self.authority(
            self.user_collector, 5000.0, risk_class_id=high.id, team_id=north.id
        )
        for team, risk_class, amount, expected in (
            (north, None, 2000.0, self.boss | self.user_manager),
            (north, None, 2000.01, self.boss),
            (south, None, 1200.0, self.boss | self.user_manager),
            (south, None, 2000.0, self.boss),
            (None, None, 1200.0, self.boss),
            (south, high, 3000.0, self.boss | self.manager_2),
            (south, high, 3000.01, self.boss),
            (north, high, 5000.0, self.boss | self.user_collector),
        ):
            with self.subTest(team=team and team.name, high=bool(risk_class), n=amount):
                self.set_class(risk_class)
                order = self.held(amount, team_id=team.id if team else False)
                hold = order.ar_credit_hold_id
                may = self.env["res.users"]
                for user in self.deciders():
                    as_user = hold.with_user(user)
                    refusal = as_user._get_refusal_to_release()
                    may |= user if not refusal else user.browse()
                    if not as_user.can_decide:
                        self.assertTrue(refusal)
                self.assertEqual(may, expected)
                hold.with_user(self.salesperson)._request("Please")
                self.assertEqual(self.asked(hold), expected)

    def teams(self, *names):
        return self.env["crm.team"].create([{"name": name} for name in names])

    def deciders(self):
        return self.boss | self.user_manager | self.manager_2 | self.user_collector

    def set_class(self, risk_class):
        self.customer.ar_risk_class_id = risk_class or False

    def test_of_another_team_nothing_is_decided(self):
        """Neither released nor refused, however little it is."""
        north, south = self.teams("North", "South")
        self.authority(self.user_manager, team_id=north.id)
        hold = self.held(1100.0, team_id=south.id).ar_credit_hold_id
        hold = hold.with_user(self.user_manager)
        for decide in (hold._release, hold._refuse):
            with self.subTest(decide.__name__):
                with self.assertRaisesRegex(UserError, "give you none"):
                    decide("Mine")
        own = self.held(1100.0, team_id=north.id).ar_credit_hold_id
        own.with_user(self.user_manager)._release("Mine")
        self.assertEqual((hold.state, own.state), ("held", "released"))

    def test_what_is_of_no_team(self):
        """Stops, limits and exemptions of a whole customer are no team's, but may be of
        a class."""
        (north,) = self.teams("North")
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        self.authority(self.user_manager, team_id=north.id)
        self.authority(self.manager_2, 4000.0, risk_class_id=high.id)
        stop = self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Asked by the bank", {})],
        )
        exempt = self.env["ar.credit.exemption"].with_user
        for risk_class, user, expected in (
            (None, self.user_manager, False),
            (None, self.manager_2, False),
            (high, self.user_manager, False),
            (high, self.manager_2, True),
        ):
            self.set_class(risk_class)
            for name, attempt in {
                "stop": lambda user=user: stop.with_user(user)._release("Fine"),
                "limit": lambda user=user: self.grant(amount=2000.0, user=user),
                "exemption": lambda user=user: exempt(user)._grant(
                    self.customer,
                    self.company,
                    "Fair",
                    date(2026, 3, 20),
                    ceiling=2000.0,
                ),
            }.items():
                with self.subTest(name, user=user.login, high=bool(risk_class)):
                    if expected:
                        attempt()
                        continue
                    with self.assertRaises(UserError):
                        attempt()

    def test_exemption_of_an_order_is_its_teams(self):
        north, south = self.teams("North", "South")
        self.authority(self.user_manager, 4000.0, team_id=north.id)
        exemptions = self.env["ar.credit.exemption"].with_user(self.user_manager)
        for team, expected in ((north, True), (south, False)):
            with self.subTest(team.name):
                arguments = (self.customer, self.company, "Fair", date(2026, 3, 20))
                order = self.order(1500.0, team_id=team.id)
                if expected:
                    exemptions._grant(*arguments, ceiling=2000.0, order=order)
                    continue
                with self.assertRaisesRegex(UserError, "beyond your authority"):
                    exemptions._grant(*arguments, ceiling=2000.0, order=order)

    def test_bound_to_says_so(self):
        (north,) = self.teams("North")
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        row = self.authority(self.boss, 100.0, team_id=north.id, risk_class_id=high.id)
        self.assertTrue(row.display_name.endswith(f"(North, {high.name})"))
        event = self.env["ar.event"].search(
            [("kind", "=", "credit_authority")], limit=1
        )
        self.assertEqual(
            (event.figures["team"], event.figures["class"]), ("North", high.name)
        )

    def test_a_whole_customer_counts_with_all_that_is_owed(self):
        self.invoice(amount=800.0)
        self.confirmed(150.0)
        stop = self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Asked by the bank", {})],
        )
        for amount, expected in ((949.99, False), (950.0, True)):
            self.Authority.sudo().search([]).unlink()
            self.authority(self.user_manager, amount)
            with self.subTest(amount=amount):
                refusal = stop.with_user(self.user_manager)._get_refusal_to_release()
                self.assertEqual(not refusal, expected)

    def test_another_company_has_its_own_matrix(self):
        self.authority(self.boss)
        self.company_b.ar_credit_limit_mode = "hold"
        self.manager_2.company_ids |= self.company_b
        self.grant(amount=10.0, company=self.company_b, user=self.env.user)
        order = self.order(500.0, company=self.company_b)
        order.action_confirm()
        of_b = order.ar_credit_hold_id.with_user(self.manager_2)
        of_b = of_b.with_context(allowed_company_ids=self.company_b.ids)
        of_b._release("Fine there")
        self.assertEqual(of_b.state, "released")
        here = self.held(1500.0).ar_credit_hold_id.with_user(self.manager_2)
        with self.assertRaises(AccessError):
            here._release("Not here")

    def test_beyond_the_authority_it_becomes_a_request(self):
        self.authority(self.boss)
        self.authority(self.user_manager, 2000.0)
        small, big = self.held(1500.0), self.held(5000.0)
        holds = small.ar_credit_hold_id | big.ar_credit_hold_id
        action = holds.with_user(self.user_manager).action_release()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        self.assertIn(f"{big.name} is beyond your authority", wizard.beyond_authority)
        self.assertIn(self.boss.name, wizard.beyond_authority)
        self.assertNotIn(small.name, wizard.beyond_authority)
        wizard.reason = "Quarter end"
        told = wizard.save().action_decide()
        self.assertIn(big.name, told["params"]["message"])
        self.assertEqual(small.ar_credit_state, "released")
        self.assertRecordValues(
            big.ar_credit_hold_id,
            [
                {
                    "state": "held",
                    "requester_id": self.user_manager.id,
                    "request_note": "Quarter end",
                    "is_requested": True,
                }
            ],
        )
        self.assertEqual(self.asked(big.ar_credit_hold_id), self.boss)
        big.ar_credit_hold_id.with_user(self.boss)._release("Let them")
        self.assertEqual(big.ar_credit_state, "released")
        self.assertFalse(self.asked(big.ar_credit_hold_id))

    def test_requests_go_to_whose_authority_reaches(self):
        self.authority(self.boss)
        self.authority(self.user_manager, 2000.0)
        for amount, expected in (
            (1500.0, self.boss | self.user_manager),
            (3000.0, self.boss),
        ):
            with self.subTest(amount=amount):
                hold = self.held(amount).ar_credit_hold_id
                hold.with_user(self.salesperson)._request("Please")
                self.assertEqual(self.asked(hold), expected)

    def test_where_nobody_may_the_credit_managers_are_asked(self):
        self.authority(self.user_manager, 10.0)
        hold = self.held(1500.0).ar_credit_hold_id
        hold.with_user(self.salesperson)._request("Please")
        self.assertLessEqual(self.boss | self.user_manager, self.asked(hold))

    def test_whoever_requested_once_never_decides(self):
        """Neither by asking somebody else to ask, nor by going beyond one's bound."""
        self.salesperson.group_ids += self.env.ref("ar_ledger.ar_ledger_group_manager")
        hold = self.held(1500.0).ar_credit_hold_id
        hold.with_user(self.salesperson)._request("Please")
        hold.with_user(self.user_manager)._request("I am for it")
        self.assertEqual(hold.requester_id, self.user_manager)
        for user in (self.salesperson, self.user_manager):
            with self.subTest(user.login):
                with self.assertRaisesRegex(UserError, "another credit manager"):
                    hold.with_user(user)._release("Mine")
        self.assertFalse(
            (self.salesperson | self.user_manager) & self.asked(hold),
            "who may not decide is not asked",
        )
        hold.with_user(self.boss)._release("Fine")
        self.assertEqual(hold.decided_by_id, self.boss)

    def test_refusing_needs_no_amount(self):
        self.authority(self.user_manager, 10.0)
        hold = self.held(1500.0).ar_credit_hold_id
        hold.with_user(self.user_manager)._refuse("No")
        self.assertEqual(hold.state, "refused")
        other = self.held(1600.0).ar_credit_hold_id
        with self.assertRaises(AccessError):
            other.with_user(self.manager_2)._refuse("No")

    def test_only_administrators_write_the_matrix(self):
        row = self.authority(self.user_manager, 10.0)
        for user in (self.user_manager, self.user_collector, self.salesperson):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    row.with_user(user).write({"amount": 1e9})
                with self.assertRaises(AccessError):
                    row.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    self.Authority.with_user(user).create(
                        {
                            "company_id": self.company.id,
                            "user_id": user.id,
                            "is_unbounded": True,
                        }
                    )
        admin = self.new_user("admin", "base.group_system")
        row.with_user(admin).write({"amount": 20.0})
        texts = self.env["ar.event"].search([("kind", "=", "credit_authority")])
        self.assertEqual(
            [event.figures["amount"] for event in texts[:2]],
            [20.0, 10.0],
            "what it was and what it became",
        )
        self.assertEqual(texts[0].user_id, admin)

    def test_absurd_rows(self):
        Authority = self.Authority.sudo()
        values = {"company_id": self.company.id, "amount": 10.0}
        branch = self.new_branch()
        for name, more in {
            "nobody": {},
            "both": {
                "user_id": self.boss.id,
                "group_id": self.env.ref("base.group_user").id,
            },
            "branch": {"company_id": branch.id, "user_id": self.boss.id},
        }.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                Authority.create({**values, **more})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                Authority.create({**values, "user_id": self.boss.id, "amount": -1.0})

    def test_many_holds_ask_the_matrix_once(self):
        (team,) = self.teams("North")
        self.authority(self.user_manager, 2000.0)
        self.authority(self.user_manager, 3000.0, team_id=team.id)
        holds = self.env["ar.credit.hold"]
        for _number in range(4):
            holds |= self.held(1500.0, team_id=team.id).ar_credit_hold_id
        holds = holds.with_user(self.user_manager)
        holds.mapped("can_decide")
        counts = []
        for some in (holds[:1], holds):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("can_decide")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestSubstitute(AuthorityCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority(cls.boss)
        cls.authority(cls.user_manager, 2000.0)
        cls.hold = cls.held(5000.0).ar_credit_hold_id

    def test_by_date(self):
        self.substitute(
            self.boss,
            self.user_collector,
            date_from=date(2026, 3, 4),
            date_until=date(2026, 3, 5),
        )
        hold = self.hold.with_user(self.user_collector)
        for day, expected in (
            ("2026-03-03", False),
            ("2026-03-04", True),
            ("2026-03-05", True),
            ("2026-03-06", False),
        ):
            with self.subTest(day), self.at(day):
                self.assertEqual(hold.can_decide, expected)
        with self.at("2026-03-05"):
            hold._release("For the boss")
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "released",
                    "decided_by_id": self.user_collector.id,
                    "decided_for_id": self.boss.id,
                }
            ],
        )

    def test_is_asked_in_their_place(self):
        self.substitute(self.boss, self.user_collector)
        self.hold.with_user(self.salesperson)._request("Please")
        self.assertEqual(self.asked(self.hold), self.boss | self.user_collector)

    def test_goes_as_far_as_the_lender(self):
        self.substitute(self.user_manager, self.user_viewer)
        hold = self.hold.with_user(self.user_viewer)
        self.assertTrue(hold._get_refusal_to_release())
        small = self.held(1500.0).ar_credit_hold_id.with_user(self.user_viewer)
        self.assertFalse(small._get_refusal_to_release())

    def test_own_authority_names_nobody(self):
        self.substitute(self.boss, self.user_manager)
        small = self.held(1500.0).ar_credit_hold_id
        (small | self.hold).with_user(self.user_manager)._release("Both")
        self.assertFalse(small.decided_for_id)
        self.assertEqual(self.hold.decided_for_id, self.boss)

    def test_four_eyes_cannot_be_lent_away(self):
        """The boss requests: their own substitute has not their authority for that."""
        self.substitute(self.boss, self.user_collector)
        self.hold.with_user(self.boss)._request("I want this one")
        with self.assertRaises(AccessError):
            self.hold.with_user(self.user_collector)._release("As told")
        self.assertNotIn(self.user_collector, self.asked(self.hold))

    def test_lent_once(self):
        self.substitute(self.boss, self.user_collector)
        self.substitute(self.user_collector, self.user_viewer)
        hold = self.hold.with_user(self.user_viewer)
        self.assertFalse(hold.can_decide)

    def test_of_one_company(self):
        self.substitute(self.boss, self.user_collector, company_id=self.company_b.id)
        self.assertFalse(self.hold.with_user(self.user_collector).can_decide)

    def test_with_an_empty_matrix(self):
        self.Authority.sudo().search([]).unlink()
        self.substitute(self.boss, self.user_collector)
        self.hold.with_user(self.user_collector)._release("For the boss")
        self.assertEqual(self.hold.decided_for_id, self.boss)

    def test_lent_by_its_holder_only(self):
        values = {
            "user_id": self.boss.id,
            "substitute_id": self.user_collector.id,
            "date_until": "2026-03-06",
        }
        for user, allowed in (
            (self.boss, True),
            (self.user_manager, False),
            (self.user_collector, False),
            (self.user_viewer, False),
            (self.salesperson, False),
            (self.new_user("admin", "base.group_system"), True),
        ):
            with self.subTest(user.login):
                create = self.Substitute.with_user(user).create
                if allowed:
                    row = create(values)
                    self.assertEqual(row.date_from, date(2026, 3, 2))
                    continue
                with self.assertRaises(AccessError):
                    create(values)
        own = self.Substitute.with_user(self.user_collector).create(
            {
                **values,
                "user_id": self.user_collector.id,
                "substitute_id": self.user_viewer.id,
            }
        )
        with self.assertRaises(AccessError):
            own.write({"user_id": self.boss.id})
        with self.assertRaises(AccessError):
            row.with_user(self.user_collector).write({"date_until": "2027-01-01"})

    def test_absurd_rows(self):
        for name, values in {
            "ends before it begins": {"date_until": date(2026, 3, 1)},
            "for oneself": {"substitute_id": self.boss.id},
            "sees no customers": {"substitute_id": self.salesperson.id},
        }.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                self.substitute(self.boss, self.user_collector, **values)

    def test_changes_are_on_record(self):
        row = self.substitute(self.boss, self.user_collector)
        row.date_until = date(2026, 3, 9)
        row.unlink()
        texts = self.env["ar.event"].search(
            [("kind", "=", "credit_authority")], limit=3
        )
        self.assertEqual(
            [text.split(":")[0] for text in texts.mapped("text")],
            ["Substitution taken back", "Substitution changed", "Substitute named"],
        )

    def test_somebody_who_left_lends_nothing(self):
        self.substitute(self.boss, self.user_collector)
        self.boss.active = False
        self.assertFalse(self.hold.with_user(self.user_collector).can_decide)

    def test_who_works_elsewhere_now_lends_nothing(self):
        self.substitute(self.boss, self.user_collector)
        self.boss.write(
            {
                "company_ids": [fields.Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        self.assertFalse(self.hold.with_user(self.user_collector).can_decide)
