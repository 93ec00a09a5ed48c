"""Fill a database with a ledger: benchmark.fill DATABASE SIZE."""

import io
import json
import time

from odoo.fields import Command
from odoo.tools import SQL

from . import plan, session
from .fill_rows import TABLES, Rows, as_text

BUFFERED_ROWS = 20_000
COLUMNS = {
    "item_tax": ("account_move_line_id", "account_tax_id"),
    "line_tax": ("sale_order_line_id", "account_tax_id"),
    "invoiced": ("invoice_line_id", "order_line_id"),
}
PERFORMANCE = {"work_mem": "64MB", "maintenance_work_mem": "512MB"}


def main(database, size_name):
    began = time.monotonic()
    ledger = plan.Ledger(plan.SIZES[size_name])
    with session.environment(database) as env:
        for name, value in PERFORMANCE.items():
            env.cr.execute(SQL("SET LOCAL %s = %s", SQL.identifier(name), value))
        facts = set_up(env, ledger)
        prototypes = make_prototypes(env, facts)
        with bare_tables(env.cr):
            copier = Copier(env.cr, prototypes)
            Rows(ledger, prototypes, facts, copier.write).write_all()
            copier.flush()
        set_sequences(env)
        counts = count_rows(env)
        env.cr.commit()
    session.report(seconds=round(time.monotonic() - began), counts=counts)


# What documents refer to


def set_up(env, ledger):
    """Create customers, products and rates, and return the ids by name."""
    currencies = [env.ref(f"base.{code}") for code, *_rest in plan.CURRENCIES]
    env["res.currency"].union(*currencies).active = True
    for currency, rate in zip(currencies, plan.CURRENCIES, strict=True):
        if currency != env.company.currency_id:
            env["res.currency.rate"].create(
                {
                    "currency_id": currency.id,
                    "name": "2020-01-01",
                    "rate": rate[1] / rate[2],
                    "company_id": env.company.id,
                }
            )
    tax = env.company.account_sale_tax_id
    products = env["product.product"].create(
        [
            {
                "name": f"Work {number}",
                "type": "service",
                "invoice_policy": "order",
                "taxes_id": [Command.set(tax.ids)],
            }
            for number in range(plan.PRODUCTS)
        ]
    )
    facts = {
        "currencies": [currency.id for currency in currencies],
        "pricelists": [False] + [_pricelist(env, c).id for c in currencies[1:]],
        "tax": tax.id,
        "products": products.ids,
        "terms": _terms(env),
        **_customers(env, ledger.size.customers),
    }
    env.flush_all()
    facts["first_id"] = {
        key: env.execute_query(
            SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM %s", SQL.identifier(table))
        )[0][0]
        for key, table in TABLES.items()
        if key not in COLUMNS
    }
    return facts


def _pricelist(env, currency):
    return env["product.pricelist"].create(
        {"name": currency.name, "currency_id": currency.id}
    )


def _terms(env):
    """Create the payment terms: one for each number of days, and two halves."""
    half = {"value": "percent", "value_amount": 50}
    lines = {
        "halves": [
            Command.create({**half, "nb_days": 0}),
            Command.create({**half, "nb_days": 30}),
        ]
    }
    for days in plan.TERMS:
        whole = {"value": "percent", "value_amount": 100, "nb_days": days}
        lines[days] = [Command.create(whole)]
    terms = env["account.payment.term"].create(
        [{"name": f"Term {key}", "line_ids": line} for key, line in lines.items()]
    )
    return dict(zip(lines, terms.ids, strict=True))


def _customers(env, count):
    """Create customers; every tenth has its invoices addressed to a contact."""
    Partner = env["res.partner"].with_context(tracking_disable=True)
    country = env.company.country_id
    customers = Partner.browse()
    for start in range(0, count, 2000):
        numbers = range(start, min(start + 2000, count))
        customers += Partner.create(
            [
                {
                    "name": f"Customer {number:05}",
                    "is_company": True,
                    "country_id": country.id,
                    "customer_rank": 1,
                }
                for number in numbers
            ]
        )
        env.flush_all()
        env.invalidate_all()
    with_contact = range(0, count, 10)
    contacts = Partner.create(
        [
            {"name": "Accounts", "type": "invoice", "parent_id": customers[number].id}
            for number in with_contact
        ]
    )
    env.flush_all()
    _set_limits(env, customers)
    ids = customers.ids
    names = dict(
        env.execute_query(
            SQL(
                "SELECT id, COALESCE(complete_name, name) FROM res_partner"
                " WHERE id = ANY(%s)",
                ids + contacts.ids,
            )
        )
    )
    return {
        "customers": ids,
        "contacts": dict(zip(with_contact, contacts.ids, strict=True)),
        "names": {key: as_text(name) for key, name in names.items()},
    }


def _set_limits(env, customers):
    """Put credit limits where Odoo keeps them: by company, on the customer."""
    key = str(env.company.id)
    for amount in {plan.limit_of(number) for number in range(5)} - {0}:
        limited = [
            customer_id
            for number, customer_id in enumerate(customers.ids)
            if plan.limit_of(number) == amount
        ]
        env.cr.execute(
            SQL(
                "UPDATE res_partner SET credit_limit = %s::jsonb WHERE id = ANY(%s)",
                json.dumps({key: amount}),
                limited,
            )
        )
    env.invalidate_all()


# Prototypes


def make_prototypes(env, facts):
    """Have Odoo make one of each document, read the rows, and undo it all."""
    env.cr.execute("SAVEPOINT prototypes")
    prototypes = {
        **_document_prototypes(env, facts),
        **_payment_prototypes(env, facts),
        **_order_prototypes(env, facts),
    }
    env.cr.execute("ROLLBACK TO SAVEPOINT prototypes")
    env.invalidate_all()
    env.registry.clear_all_caches()
    return prototypes


def _read(env, records):
    env.flush_all()
    env.cr.execute(
        SQL(
            "SELECT * FROM %s WHERE id = ANY(%s) ORDER BY id",
            SQL.identifier(records._table),
            records.ids,
        )
    )
    rows = env.cr.dictfetchall()
    return {row["id"]: row for row in rows}


def _document_prototypes(env, facts):
    customer = env["res.partner"].browse(facts["customers"][0])
    found = {}
    for variant in ("invoice", "refund", "draft"):
        move_type = "out_refund" if variant == "refund" else "out_invoice"
        move = _move(env, customer, move_type, facts)
        if variant != "draft":
            move.action_post()
        found["move", variant] = _read(env, move)[move.id]
        rows = _read(env, move.line_ids)
        for line in move.line_ids:
            role = {"payment_term": "receivable"}.get(
                line.display_type, line.display_type
            )
            found["item", f"{variant} {role}"] = rows[line.id]
    return found


def _move(env, customer, move_type, facts):
    product = {"product_id": facts["products"][0], "price_unit": 8}
    return env["account.move"].create(
        {
            "move_type": move_type,
            "partner_id": customer.id,
            "invoice_date": plan.LAST_DAY,
            "invoice_payment_term_id": False,
            "invoice_line_ids": [Command.create(product)],
        }
    )


def _payment_prototypes(env, facts):
    customer = env["res.partner"].browse(facts["customers"][0])
    found = {}
    for variant in ("cleared", "on its way"):
        payment = _payment(env, customer, variant)
        invoice = _move(env, customer, "out_invoice", facts)
        invoice.action_post()
        receivable = (invoice | payment.move_id).line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        receivable.reconcile()
        found["payment", variant] = _read(env, payment)[payment.id]
        found["move", variant] = _read(env, payment.move_id)[payment.move_id.id]
        rows = _read(env, payment.move_id.line_ids)
        for line in payment.move_id.line_ids:
            role = "receivable" if line in receivable else "bank"
            found["item", f"{variant} {role}"] = rows[line.id]
        partial = receivable.matched_credit_ids
        found["match", ""] = _read(env, partial)[partial.id]
        full = receivable.full_reconcile_id
        found["group", ""] = _read(env, full)[full.id]
    return found


def _payment(env, customer, variant):
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
    )
    method = journal.inbound_payment_method_line_ids[0]
    method.payment_account_id = (
        journal.default_account_id if variant == "cleared" else _outstanding(env)
    )
    payment = env["account.payment"].create(
        {
            "partner_id": customer.id,
            "amount": 9.2,
            "date": plan.LAST_DAY,
            "payment_type": "inbound",
            "partner_type": "customer",
            "journal_id": journal.id,
            "payment_method_line_id": method.id,
        }
    )
    payment.action_post()
    return payment


def _outstanding(env):
    return env.company.transfer_account_id


def _order_prototypes(env, facts):
    customer = env["res.partner"].browse(facts["customers"][0])
    found = {}
    for state in ("draft", "sent", "sale"):
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "order_line": [Command.create({"product_id": facts["products"][0]})],
            }
        )
        order.order_line.price_unit = 8
        if state == "sent":
            order.action_quotation_sent()
        if state == "sale":
            order.action_confirm()
        found["order", state] = _read(env, order)[order.id]
        found["line", state] = _read(env, order.order_line)[order.order_line.id]
    return found


# Copying


class Copier:
    """Collects rows and sends them table by table."""

    def __init__(self, cr, prototypes):
        self.cr = cr
        self.columns = dict(COLUMNS)
        for (table, _variant), prototype in prototypes.items():
            self.columns[table] = tuple(prototype)
        self.rows = {table: [] for table in TABLES}

    def write(self, table, row):
        rows = self.rows[table]
        rows.append(row)
        if len(rows) >= BUFFERED_ROWS:
            self._send(table)

    def flush(self):
        for table in self.rows:
            self._send(table)

    def _send(self, table):
        rows, self.rows[table] = self.rows[table], []
        if rows:
            columns = ", ".join(f'"{name}"' for name in self.columns[table])
            self.cr._obj.copy_expert(
                f"COPY {TABLES[table]} ({columns}) FROM STDIN",
                io.StringIO("\n".join(rows) + "\n"),
            )


class bare_tables:  # noqa: N801  used as a function
    """Take the indexes and foreign keys off the tables while they are filled, and put
    them back: built at once they cost a tenth, and the keys check every row."""

    def __init__(self, cr):
        self.cr = cr

    def __enter__(self):
        tables = list(TABLES.values())
        self.cr.execute(
            """SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I',
                             conrelid::regclass, conname),
                      format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s',
                             conrelid::regclass, conname, pg_get_constraintdef(oid))
                 FROM pg_constraint
                WHERE contype = 'f' AND conrelid::regclass::text = ANY(%s)
             ORDER BY conname""",
            [tables],
        )
        keys = self.cr.fetchall()
        self.cr.execute(
            """SELECT format('DROP INDEX %%s', indexrelid::regclass),
                      pg_get_indexdef(indexrelid)
                 FROM pg_index
                WHERE indrelid::regclass::text = ANY(%s)
                  AND NOT EXISTS (
                      SELECT FROM pg_constraint WHERE conindid = indexrelid)
             ORDER BY indexrelid""",
            [tables],
        )
        indexes = self.cr.fetchall()
        for statement, _again in keys + indexes:
            self.cr.execute(statement)
        self.again = [again for _statement, again in indexes + keys]

    def __exit__(self, error, _value, _traceback):
        if not error:
            for statement in self.again:
                self.cr.execute(statement)


def count_rows(env):
    counts = {}
    for table in ("res_partner", *TABLES.values()):
        count = SQL("SELECT count(*) FROM %s", SQL.identifier(table))
        ((counts[table],),) = env.execute_query(count)
    return counts


def set_sequences(env):
    """Let the next record of each kind come after what was filled in."""
    for key, table in TABLES.items():
        if key not in COLUMNS:
            env.cr.execute(
                SQL(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM %s",
                    table,
                    SQL.identifier(table),
                )
            )


if __name__ == "__main__":
    main(*session.arguments())
