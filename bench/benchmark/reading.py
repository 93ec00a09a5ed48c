"""What reading costs: benchmark.reading DATABASE VARIANT ROUNDS.

Every round runs the floor and then what it is compared with, so that both meet the
same machine.
"""

from lxml import etree

from odoo import fields

from . import floor, session
from .figures import summary
from .stopwatch import measure, memory_growth

ROWS = 80
#: Lists and kanbans whose rows may not cost a query each.
VIEWS = (
    ("ar.position", "list"),
    ("ar.position", "kanban"),
    ("ar.exposure.item", "list"),
    ("ar.credit.hold", "list"),
    ("ar.credit.hold", "kanban"),
    ("sale.order", "list"),
    ("sale.order", "kanban"),
    ("res.partner", "list"),
    ("res.partner", "kanban"),
)


def main(database, variant, rounds):
    with session.environment(database) as env:
        acts = {"floor": lambda: read_floor(env), **VARIANTS[variant](env)}
        megabytes = None
        if variant == "suite":
            # first of all: later the process has room from what ran before
            megabytes = memory_growth(env, acts["exposure of all"])
        found = {name: [] for name in acts}
        for number in range(int(rounds) + 1):
            for name, act in acts.items():
                _result, taken = measure(env, act)
                if number:  # the first one warms the caches of Odoo and PostgreSQL
                    found[name].append(taken)
        facts = {name: summarised(taken) for name, taken in found.items()}
        if variant == "suite":
            facts["exposure of all"]["megabytes"] = megabytes
            facts["agreement"] = agreement(env)
        if variant != "oca":
            facts["views"] = rows_of_views(env)
        session.report(**facts)


def summarised(taken):
    return {
        "seconds": summary([each["seconds"] for each in taken]),
        "queries": max(each["queries"] for each in taken),
    }


def read_floor(env):
    env.cr.execute(floor.STATEMENT, floor_parameters(env))
    return env.cr.fetchall()


def floor_parameters(env):
    return {"company": env.company.id, "today": fields.Date.today()}


def customers(env):
    return env["res.partner"].search(
        [("customer_rank", ">", 0), ("is_company", "=", True)], order="id"
    )


def suite_acts(env):
    ids = customers(env).ids
    one = ids[len(ids) // 2]
    Partner, Position = env["res.partner"].sudo(), env["ar.position"]
    return {
        "exposure of all": lambda: Partner.browse(ids)._get_exposure(env.company),
        "over limit": lambda: Position.search([("is_over_limit", "=", True)]),
        "one customer": lambda: Partner.browse(one)._get_exposure(env.company),
    }


def plain_acts(env):
    """Core's own figures. Read as they stand, Odoo asks for each customer's company;
    with the customers read first it does not."""
    ids = customers(env).ids

    def credit(*first):
        partners = env["res.partner"].browse(ids)
        partners.fetch(first) if first else None
        return partners.mapped("credit")

    def credit_to_invoice():
        partners = env["res.partner"].browse(ids)
        partners.fetch(["name", "company_id"])
        return partners.mapped("credit_to_invoice")

    return {
        "credit": credit,
        "credit, customers read first": lambda: credit("name", "company_id"),
        "credit_to_invoice": credit_to_invoice,
        "one customer": lambda: env["res.partner"].browse(ids[len(ids) // 2]).credit,
    }


def oca_acts(env):
    ids = customers(env).ids

    def risk(batch):
        total = 0.0
        for start in range(0, len(ids), batch):
            partners = env["res.partner"].browse(ids[start : start + batch])
            total += sum(partners.mapped("risk_total"))
        return total

    one = ids[len(ids) // 2]
    return {
        "risk of all, in batches of 100": lambda: risk(100),
        "one customer": lambda: env["res.partner"].browse(one).risk_total,
    }


VARIANTS = {"plain": plain_acts, "suite": suite_acts, "oca": oca_acts}


def agreement(env):
    """How many customers the floor and the suite have different figures for."""
    of_floor = {row[0]: float(row[1]) + float(row[3]) for row in read_floor(env)}
    partners = customers(env).sudo()
    found = partners._get_exposure(env.company)
    ours = {partner_id: exposure.total for partner_id, exposure in found.items()}
    differences = [
        abs(of_floor.get(partner_id, 0.0) - ours.get(partner_id, 0.0))
        for partner_id in partners.ids
    ]
    different = sum(difference > 0.005 for difference in differences)
    return {"customers": len(partners), "different": different}


# Lists and kanbans


def rows_of_views(env):
    """Queries for half of the rows and for all of them, view by view."""
    found = {}
    for model, kind in VIEWS:
        specification = model in env and specification_of(env, model, kind)
        if specification:
            found[f"{model} {kind}"] = [
                measure(env, reader(env, model, specification, rows))[1]["queries"]
                for rows in (ROWS, ROWS // 2, ROWS)
            ][1:]
    return found


def specification_of(env, model, kind):
    """What the web client reads for the default view of a kind, None without one."""
    views = env["ir.ui.view"].search_count([("model", "=", model), ("type", "=", kind)])
    if not views:
        return None
    arch = env[model].get_views([(False, kind)])["views"][kind]["arch"]
    names = {node.get("name") for node in etree.fromstring(arch).iterfind(".//field")}
    known = env[model]._fields
    return {
        name: {"fields": {"display_name": {}}} if known[name].comodel_name else {}
        for name in names
        if name in known
    }


def reader(env, model, specification, rows):
    return lambda: env[model].web_search_read([], specification, limit=rows)


if __name__ == "__main__":
    main(*session.arguments())
