"""Every switch on: scenarios, alert rules, who collects, risk classes."""

from ..tools import tables

CLASSES = {
    "prompt": "low",
    "public": "low",
    "late10": "medium",
    "splitting": "medium",
    "on_account": "medium",
    "disputing": "medium",
    "sliding": "high",
    "insolvent": "insolvent",
}


def build_settings(demo):
    _switch_on(demo)
    # Its mailbox is for the mails of the suite.
    demo.env["digest.digest"].search([]).action_deactivate()
    _build_rules(demo)
    for key in demo.companies:
        _assign(demo, key)


def _switch_on(demo):
    scenarios = _build_scenarios(demo)
    for key, company in demo.companies.items():
        company.write(
            {
                "ar_ledger_active": True,
                "ar_account_page_active": True,
                "ar_credit_limit_mode": "hold",
                "ar_dunning_active": True,
                "ar_dunning_start_date": False,
                "ar_dunning_scenario_id": scenarios[key].id,
                "ar_dispute_active": True,
                "ar_risk_active": True,
            }
        )
        late = _get_class(demo, key, "high")
        late.ar_dunning_scenario_id = scenarios["call"]


def _build_rules(demo):
    """The shipped rule, archived because it stops deliveries, and an early warning."""
    demo.env.ref("ar_risk_alerts.ar_risk_rule_overdue").active = True
    demo.env["ar.risk.rule"].create(
        {
            "name": "Early warning: more than 10 days overdue",
            "severity": "2",
            "open_days": 10,
            "open_amount": 1000,
            "close_days": 5,
            "close_amount": 500,
            "owner_kind": "salesperson",
        }
    )


def _build_scenarios(demo):
    """The shipped one in Europe; in America a person reads what is sent; and one that
    starts with a call, for customers who pay later and later."""
    standard = demo.env.ref("ar_dunning_scenario.ar_dunning_scenario_standard")
    read_first = standard.copy({"name": "Standard, read before sending"})
    read_first.step_ids.filtered(lambda s: s.channel == "email").mode = "confirm"
    call_first = standard.copy({"name": "Call first"})
    call_first.step_ids.filtered(lambda s: s.channel == "email").unlink()
    call_first.step_ids.filtered(lambda s: s.channel == "call").days = 3
    return {"eu": standard, "us": read_first, "call": call_first}


def customers_of(demo, key):
    """The rows of the customers of a company, with their partners in it."""
    company = demo.companies[key]
    return [
        (row, demo.customers[row.key].with_company(company))
        for row in tables.customers()
        if key in row.companies
    ]


def _get_class(demo, key, level):
    """The customers of a company in a risk class."""
    return demo.model("res.partner", key).union(
        *(
            partner
            for row, partner in customers_of(demo, key)
            if CLASSES[row.habit] == level
        )
    )


def _assign(demo, key):
    for level in ("low", "medium", "high", "insolvent"):
        customers = _get_class(demo, key, level)
        customers.ar_collector_id = demo.users["accountant"]
        customers.ar_risk_class_id = demo.env.ref(f"ar_ledger.ar_risk_class_{level}")
