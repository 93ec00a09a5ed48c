"""Random ledgers: every bucket, and their sum, against an independent reference."""

from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests import tagged

from odoo.addons.ar_credit_limit.tools.exposure import BUCKET_KEYS, NO_EXPOSURE

from .common import CreditCommon
from .exposure_reference import Reference

TODAY = date(2026, 3, 2)
COMPANIES = ("root", "branch", "other")
CURRENCIES = ("USD", "EUR", "GBP")

amounts = st.integers(1, 300000).map(lambda number: number / 100)
quantities = st.sampled_from([1, 2, 3, 5, 7, 12, 0.5, 2.5])
shares = st.sampled_from([0.1, 0.33, 0.5, 0.75, 1.0])
places = {
    "customer": st.integers(0, 1),
    "company": st.sampled_from(COMPANIES),
    "currency": st.sampled_from(CURRENCIES),
}
order_lines = st.lists(
    st.fixed_dictionaries(
        {
            "quantity": quantities,
            "price": amounts,
            "tax": st.booleans(),
            "delivered": st.sampled_from([0, 0, 0.5, 1, 1.5]),
            "policy": st.sampled_from(["order", "delivery"]),
        }
    ),
    min_size=1,
    max_size=3,
)
documents = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("invoice"),
            **places,
            "amount": amounts,
            "is_credit_note": st.booleans(),
            "instalments": st.booleans(),
            "days_ago": st.integers(0, 90),
            "state": st.sampled_from(["posted", "posted", "posted", "draft", "cancel"]),
            "paid": st.sampled_from([None, None, 0.2, 0.5, 1.0]),
            "payment": st.sampled_from(["bank", "cheque", "rejected", "reversed"]),
            "disputed": st.sampled_from([None, None, 0.3, 1.0]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("payment"),
            **places,
            "amount": amounts,
            "days_ago": st.sampled_from([0, 10, 40]),
            "payment": st.sampled_from(["bank", "cheque"]),
            "state": st.sampled_from(["posted", "posted", "draft", "cancel"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("order"),
            **places,
            "lines": order_lines,
            "state": st.sampled_from(
                ["sale", "sale", "sale", "sent", "expired", "draft", "cancel"]
            ),
            "down_payment": st.sampled_from([None, None, 10, 30]),
            "invoiced": st.sampled_from([None, "draft", "part", "posted", "final"]),
            "returned": st.booleans(),
        }
    ),
)
ledgers = st.lists(documents, min_size=1, max_size=8)
switches = st.fixed_dictionaries(
    {
        "ar_exposure_margin_days": st.sampled_from([0, 0, 7, 30]),
        "ar_exposure_draft": st.booleans(),
        "ar_exposure_undelivered": st.sampled_from([True, True, False]),
        "ar_exposure_delivered": st.sampled_from([True, True, False]),
        "ar_exposure_uncleared_days": st.sampled_from([0, 30]),
        "ar_exposure_quotation_weight": st.sampled_from([0, 25, 100]),
        "ar_exposure_without_disputed": st.booleans(),
        "ar_exposure_group_companies": st.sampled_from([False, False, True]),
    }
)
# Hypothesis explains a failure by tracing every line, which takes hours through Odoo.
common_settings = {
    "phases": (Phase.explicit, Phase.generate),
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


class LedgerCommon(CreditCommon):
    """Builds the documents that an example describes and compares the figures."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gbp = cls.setup_other_currency("GBP", rates=[("2020-01-01", 0.7)])
        cls.company.ar_credit_limit_mode = "observe"
        cls.companies = {
            "root": cls.company,
            "branch": cls.new_branch(),
            "other": cls.company_b,
        }
        cls.company_b.currency_id = cls.eur
        cls.currencies = {
            "USD": cls.company.currency_id,
            "EUR": cls.eur,
            "GBP": cls.gbp,
        }
        contact = {"name": "Contact", "parent_id": cls.other_customer.id}
        cls.customers = [cls.customer, cls.env["res.partner"].create(contact)]
        cls.products = {
            policy: cls.env["product.product"].create(
                {
                    "name": f"Invoiced by {policy}",
                    "type": "service",
                    "invoice_policy": policy,
                    "taxes_id": [fields.Command.clear()],
                }
            )
            for policy in ("order", "delivery")
        }
        cls.terms = cls.env["account.payment.term"].create(
            {
                "name": "In three parts",
                "line_ids": [
                    fields.Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": days}
                    )
                    for part, days in ((33, 0), (33, 30), (34, 60))
                ],
            }
        )
        cls.pricelists = {
            name: cls.env["product.pricelist"].create(
                {"name": name, "currency_id": currency.id, "company_id": False}
            )
            for name, currency in cls.currencies.items()
        }
        cls.taxes = {
            name: cls.env["account.tax"]
            .with_company(company)
            .create(
                {
                    "name": "Tax 19",
                    "amount": 19.0,
                    "type_tax_use": "sale",
                    "company_id": company.root_id.id,
                }
            )
            for name, company in cls.companies.items()
            if name != "branch"
        }
        cls.taxes["branch"] = cls.taxes["root"]
        cls.cheques = {
            name: cls.new_cheque_method(company)
            for name, company in cls.companies.items()
            if name != "branch"
        }
        cls.cheques["branch"] = cls.cheques["root"]

    @classmethod
    def new_cheque_method(cls, company):
        """Return a method whose payments wait on an account until the bank paid."""
        journal = cls.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
        )
        account = journal.default_account_id.copy(
            {"account_type": "asset_current", "reconcile": True, "name": "Cheques"}
        )
        method = journal.inbound_payment_method_line_ids[:1]
        return cls.env["account.payment.method.line"].create(
            {
                "name": "Cheque",
                "payment_method_id": method.payment_method_id.id,
                "journal_id": journal.id,
                "payment_account_id": account.id,
            }
        )

    #: Buckets that were not zero.
    seen = set()

    def check(self, ledger, values):
        """Build a ledger under the switches, compare, and take all back."""
        savepoint = self.env.cr.savepoint()
        try:
            self.set_switches(values)
            for document in ledger:
                getattr(self, f"build_{document['kind']}")(document)
            self.env.flush_all()
            self.env.invalidate_all()
            self.compare()
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
            self.env.registry.clear_cache()

    def set_switches(self, values):
        for name in ("root", "other"):
            cheque = fields.Command.set(self.cheques[name].ids)
            self.companies[name].write(
                {**values, "ar_exposure_uncleared_method_ids": [cheque]}
            )

    def build_invoice(self, facts):
        company = self.companies[facts["company"]]
        invoiced_on = TODAY - timedelta(days=facts["days_ago"])
        move = (
            self.env["account.move"]
            .with_company(company)
            .create(
                {
                    "move_type": "out_refund"
                    if facts["is_credit_note"]
                    else "out_invoice",
                    "company_id": company.id,
                    "partner_id": self.customers[facts["customer"]].id,
                    "invoice_date": invoiced_on,
                    "date": invoiced_on,
                    "currency_id": self.currencies[facts["currency"]].id,
                    "invoice_payment_term_id": self.terms.id
                    if facts["instalments"]
                    else False,
                    "invoice_line_ids": [
                        fields.Command.create(
                            {
                                "name": "Goods",
                                "price_unit": facts["amount"],
                                "tax_ids": False,
                            }
                        )
                    ],
                }
            )
        )
        if facts["state"] == "cancel":
            move.button_cancel()
        elif facts["state"] == "posted":
            move.action_post()
            self.settle(move, facts)

    def settle(self, move, facts):
        if facts["paid"] and not facts["is_credit_note"]:
            self.register(move, facts)
        line = self.receivable_lines(move).filtered(lambda r: not r.reconciled)[:1]
        kinds = dict(self.env["ar.suspension"]._fields["kind"].selection)
        if facts["disputed"] and line and "dispute" in kinds:
            part = abs(line.amount_residual_currency) * facts["disputed"]
            part = line.currency_id.round(part)
            self.env["ar.suspension"]._suspend(
                line,
                "dispute",
                "Not what they ordered",
                self.env["ar.suspension"],
                amounts={line.id: part} if facts["disputed"] < 1 and part else None,
            )

    def register(self, move, facts):
        amount = move.currency_id.round(move.amount_residual * facts["paid"])
        if not amount:
            return
        cheque = self.cheques[facts["company"]]
        method = (
            cheque
            if facts["payment"] in ("cheque", "reversed")
            else cheque.journal_id.inbound_payment_method_line_ids - cheque
        )[:1]
        payment = self._register_payment(
            move.with_company(move.company_id),
            amount=amount,
            payment_date=TODAY - timedelta(days=facts["days_ago"]),
            payment_difference_handling="open",
            journal_id=cheque.journal_id.id,
            payment_method_line_id=method.id,
        )
        if facts["payment"] == "rejected":
            payment.action_reject()
        elif facts["payment"] == "reversed" and payment.move_id:
            payment.move_id._reverse_moves([{"date": TODAY}], cancel=True)

    def build_payment(self, facts):
        company = self.companies[facts["company"]]
        cheque = self.cheques[facts["company"]]
        methods = cheque.journal_id.inbound_payment_method_line_ids
        method = cheque if facts["payment"] == "cheque" else (methods - cheque)[:1]
        payment = (
            self.env["account.payment"]
            .with_company(company)
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.customers[facts["customer"]].id,
                    "amount": facts["amount"],
                    "currency_id": self.currencies[facts["currency"]].id,
                    "date": TODAY - timedelta(days=facts["days_ago"]),
                    "journal_id": cheque.journal_id.id,
                    "payment_method_line_id": method.id,
                    "company_id": company.id,
                }
            )
        )
        if facts["state"] != "draft":
            payment.action_post()
        if facts["state"] == "cancel":
            payment.action_cancel()

    def build_order(self, facts):
        company = self.companies[facts["company"]]
        order = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "partner_id": self.customers[facts["customer"]].id,
                    "company_id": company.id,
                    "pricelist_id": self.pricelists[facts["currency"]].id,
                    "order_line": [
                        fields.Command.create(
                            {
                                "product_id": self.products[line["policy"]].id,
                                "name": line["policy"],
                                "product_uom_qty": line["quantity"],
                                "price_unit": line["price"],
                                "tax_ids": self.taxes[facts["company"]].ids
                                if line["tax"]
                                else False,
                            }
                        )
                        for line in facts["lines"]
                    ],
                }
            )
        )
        if facts["state"] in ("sent", "expired"):
            order.action_quotation_sent()
            if facts["state"] == "expired":
                order.validity_date = TODAY - timedelta(days=1)
        elif facts["state"] in ("sale", "cancel"):
            order.with_user(self.user_sales).action_confirm()
            self.fulfil(order, facts)
            if facts["state"] == "cancel":
                order._action_cancel()

    @property
    def user_sales(self):
        return self.env.user

    def fulfil(self, order, facts):
        if facts["down_payment"]:
            self.advance(order, facts["down_payment"])
        goods = order.order_line.filtered(lambda r: not r.is_downpayment)
        goods = goods.filtered(lambda r: not r.display_type)
        for line, wanted in zip(goods, facts["lines"], strict=True):
            line.qty_delivered = line.product_uom_qty * wanted["delivered"]
        if not facts["invoiced"] or not any(goods.mapped("qty_to_invoice")):
            return
        moves = order._create_invoices(final=facts["invoiced"] == "final")
        if facts["invoiced"] == "part":
            for line in moves.invoice_line_ids.filtered("sale_line_ids"):
                line.quantity = line.quantity / 2
        if facts["invoiced"] != "draft":
            moves.action_post()
            self.take_back(order, moves, facts)

    def advance(self, order, percentage):
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": percentage,
            }
        )
        wizard.create_invoices()
        if percentage > 10:
            order.invoice_ids.action_post()

    def take_back(self, order, moves, facts):
        """Goods come back and are credited."""
        invoices = moves.filtered(lambda move: move.move_type == "out_invoice")
        if facts["returned"] and invoices:
            refunds = invoices._reverse_moves([{"invoice_date": TODAY}] * len(invoices))
            refunds[:1].action_post()
            for line in order.order_line.filtered("qty_delivered"):
                line.qty_delivered = 0

    def compare(self):
        for name in ("root", "other"):
            company = self.companies[name]
            references = self.get_references(company)
            everybody = self.env["res.partner"].concat(*self.customers)
            everybody = everybody.commercial_partner_id
            found = everybody._get_exposure(company)
            sums = everybody._get_exposure(company, by_bucket=False)
            for customer in everybody:
                exposure = found.get(customer.id, NO_EXPOSURE)
                self.compare_sums(sums.get(customer.id, NO_EXPOSURE), exposure)
                expected = self.add_up(references, company, customer)
                self.compare_figures(exposure, expected, f"{name} {customer.name}")
                self.compare_position(company, customer, exposure)
                self.compare_lines(company, customer, exposure)
                self.compare_ledger(references[0], customer)

    def get_references(self, company):
        roots = [company]
        if company.ar_exposure_group_companies:
            everywhere = self.env["res.company"].search([("parent_id", "=", False)])
            roots += list(everywhere - company)
        return [Reference(self.env, root) for root in roots]

    def add_up(self, references, company, customer):
        total = dict.fromkeys(Reference.names, 0.0)
        for reference in references:
            rate = self.env["res.currency"]._get_conversion_rate(
                reference.root.currency_id, company.currency_id, company, TODAY
            )
            for name, amount in reference.of(customer, rate).items():
                total[name] += amount
        return total

    def compare_figures(self, exposure, expected, hint):
        actual = {name: getattr(exposure, name) for name in expected}
        self.seen.update(name for name, amount in actual.items() if amount)
        for name, amount in expected.items():
            self.assertAlmostEqual(
                actual[name], amount, 2, f"{hint}: {name} {actual} {expected}"
            )
        total = sum(expected[bucket] for bucket in BUCKET_KEYS)
        self.assertAlmostEqual(exposure.total, total, 2, hint)

    def compare_sums(self, sums, exposure):
        """What checks look at is the same without the buckets."""
        for name in ("open_items", "ordered", "total", "tested"):
            self.assertEqual(getattr(sums, name), getattr(exposure, name), name)

    def compare_position(self, company, customer, exposure):
        row = self.env["ar.position"].search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", company.id),
            ]
        )
        for name in (*BUCKET_KEYS, "disputed"):
            self.assertAlmostEqual(
                row[f"exposure_{name}"], getattr(exposure, name), 2, f"position {name}"
            )
        self.assertAlmostEqual(row.exposure, exposure.total, 2)
        self.assertAlmostEqual(row.exposure_tested, exposure.tested, 2)

    def compare_lines(self, company, customer, exposure):
        """The lines that the drill-down opens add up to the figure, also where those
        of the whole group are converted."""
        action = customer.with_company(company).action_open_ar_exposure()
        chosen = [company.id, *(self.env.companies - company).ids]
        items = self.env["ar.exposure.item"].with_context(allowed_company_ids=chosen)
        lines = items.search(action["domain"])
        sums = {
            bucket: counted
            for bucket, *counted in items._read_group(
                action["domain"],
                ["bucket"],
                ["amount_counted:sum", "disputed_counted:sum"],
            )
        }
        for bucket in BUCKET_KEYS:
            figure = getattr(exposure, bucket)
            of_bucket = lines.filtered(lambda r, key=bucket: r.bucket == key)
            counted = sum(of_bucket.mapped("amount_counted"))
            self.assertAlmostEqual(counted, figure, 2, bucket)
            counted = sums.get(bucket, [0.0])[0]
            self.assertAlmostEqual(counted, figure, 2, f"sum of {bucket}")
            if not company.ar_exposure_group_companies:
                amount = sum(of_bucket.mapped("amount"))
                self.assertAlmostEqual(amount, figure, 2, f"amounts of {bucket}")
        disputed = sum(lines.mapped("disputed_counted"))
        self.assertAlmostEqual(disputed, exposure.disputed, 2)
        disputed = sum(counted[1] for counted in sums.values())
        self.assertAlmostEqual(disputed, exposure.disputed, 2)

    def compare_ledger(self, reference, customer):
        """Four buckets tie to the receivable accounts."""
        books = self.env["account.move.line"].search(
            [
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("company_id", "child_of", reference.root.id),
                ("partner_id", "child_of", customer.id),
            ]
        )
        figures = reference.of(customer)
        open_items = sum(
            figures[name] for name in ("not_due", "overdue", "returned", "unapplied")
        )
        self.assertAlmostEqual(sum(books.mapped("balance")), open_items, 2)


@tagged("post_install", "-at_install")
class TestExposureProperty(LedgerCommon):
    @settings(max_examples=10, derandomize=True, **common_settings)
    @given(ledger=ledgers, values=switches)
    def test_random_ledgers(self, ledger, values):
        self.check(ledger, values)

    def test_example_with_everything(self):
        """One ledger with each kind of document, so that no run misses one."""
        place = {"customer": 0, "company": "root", "currency": "EUR"}
        line = {
            "quantity": 3,
            "price": 33.33,
            "tax": True,
            "delivered": 0.5,
            "policy": "order",
        }
        order = {
            "kind": "order",
            **place,
            "lines": [line, {**line, "delivered": 1.5, "policy": "delivery"}],
            "state": "sale",
            "down_payment": 30,
            "invoiced": "part",
            "returned": True,
        }
        invoice = {
            "kind": "invoice",
            **place,
            "amount": 1234.56,
            "is_credit_note": False,
            "instalments": True,
            "days_ago": 45,
            "state": "posted",
            "paid": 0.5,
            "payment": "cheque",
            "disputed": 0.3,
        }
        payment = {
            "kind": "payment",
            **place,
            "amount": 77.77,
            "days_ago": 0,
            "payment": "cheque",
            "state": "posted",
        }
        everything = [
            order,
            {**order, "company": "branch", "invoiced": "draft", "returned": False},
            {**order, "company": "other", "currency": "GBP", "invoiced": "final"},
            {**order, "state": "sent"},
            {**order, "state": "expired"},
            {**order, "state": "cancel", "invoiced": None, "down_payment": None},
            invoice,
            {**invoice, "company": "other", "payment": "rejected"},
            {**invoice, "company": "branch", "payment": "reversed", "paid": 1.0},
            {**invoice, "is_credit_note": True, "currency": "GBP"},
            {**invoice, "state": "draft"},
            payment,
            {**payment, "company": "other", "payment": "bank"},
        ]
        values = {
            "ar_exposure_margin_days": 7,
            "ar_exposure_draft": True,
            "ar_exposure_uncleared_days": 60,
            "ar_exposure_quotation_weight": 25,
        }
        disputes = dict(self.env["ar.suspension"]._fields["kind"].selection)
        wanted = {*BUCKET_KEYS, "disputed"} if "dispute" in disputes else {*BUCKET_KEYS}
        for together in (False, True):
            self.seen = set()
            with self.subTest(group_companies=together):
                self.check(
                    everything, {**values, "ar_exposure_group_companies": together}
                )
                self.assertLessEqual(wanted, self.seen)


@tagged("post_install", "-at_install", "slow")
class TestExposurePropertyDeep(LedgerCommon):
    @settings(max_examples=250, print_blob=True, **common_settings)
    @given(ledger=ledgers, values=switches)
    def test_random_ledgers(self, ledger, values):
        self.check(ledger, values)
