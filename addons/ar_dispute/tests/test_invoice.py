from odoo.tests import Form, tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestInvoice(DisputeCommon):
    two_companies = True

    def test_badge_and_count(self):
        disputed, decided, untouched = moves = [self.invoice() for _ in range(3)]
        self.dispute(disputed)
        self.dispute(decided).action_accept()
        for move, is_disputed, count in (
            (disputed, True, 1),
            (decided, False, 1),
            (untouched, False, 0),
        ):
            with self.subTest(move.name):
                self.assertEqual(move.ar_is_disputed, is_disputed)
                self.assertEqual(move.ar_dispute_count, count)
        ours = self.env["account.move"].union(*moves)
        for value, expected in ((True, disputed), (False, decided | untouched)):
            found = ours.search(
                [("ar_is_disputed", "=", value), ("id", "in", ours.ids)]
            )
            self.assertEqual(found, expected)

    def test_button_where_it_makes_sense(self):
        cases = [
            ("out_invoice", self.company, True),
            ("out_receipt", self.company, True),
            ("out_refund", self.company, False),
            ("in_invoice", self.company, False),
            ("out_invoice", self.company_b, False),
        ]
        for move_type, company, available in cases:
            with self.subTest(move_type=move_type, company=company.name):
                move = self.invoice(move_type=move_type, company=company)
                self.assertEqual(move.ar_dispute_available, available)

    def test_form_opens_for_accountants_and_shows_the_badge(self):
        move = self.invoice()
        self.dispute(move)
        with Form(move.with_user(self.accountant)) as form:
            self.assertTrue(form.ar_is_disputed)

    def test_disputes_of_an_invoice_and_of_a_customer(self):
        move = self.invoice()
        dispute = self.dispute(move)
        self.dispute(self.invoice(self.other_customer))
        for record in (move, self.customer):
            action = record.action_open_ar_disputes()
            self.assertEqual(self.env["ar.dispute"].search(action["domain"]), dispute)

    def test_counted_where_the_customer_is_looked_at(self):
        self.dispute(self.invoice())
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertEqual((self.customer | contact).mapped("ar_dispute_count"), [1, 1])
        elsewhere = self.customer.with_company(self.company_b)
        self.assertEqual(elsewhere.ar_dispute_count, 0)

    def test_a_branch_counts_with_its_root(self):
        branch = self.new_branch()
        self.assertTrue(branch.ar_dispute_active)
        self.assertEqual(branch.ar_dispute_grace_days, 3)

    def test_off_means_no_query(self):
        moves = self.invoice(company=self.company_b) | self.invoice(
            company=self.company_b
        )
        moves.mapped("company_id.ar_dispute_active")
        moves.mapped("move_type")
        with self.assertQueryCount(0):
            self.assertEqual(moves.mapped("ar_is_disputed"), [False, False])
        partner = self.customer.with_company(self.company_b)
        partner.env.company.ar_dispute_active  # noqa: B018  read into the cache
        with self.assertQueryCount(0):
            self.assertFalse(partner.ar_dispute_count)

    def test_set_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        settings.ar_dispute_active = False
        settings.ar_dispute_grace_days = 7
        settings.execute()
        self.assertFalse(self.company.ar_dispute_active)
        self.assertEqual(self.company.ar_dispute_grace_days, 7)

    def test_merged_customers_keep_their_disputes(self):
        dispute = self.dispute(self.invoice(self.other_customer))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(
            (self.customer | self.other_customer).ids, self.customer, extra_checks=False
        )
        dispute.invalidate_recordset()
        self.assertEqual(dispute.commercial_partner_id, self.customer)
        self.assertEqual(self.suspensions(dispute).commercial_partner_id, self.customer)
