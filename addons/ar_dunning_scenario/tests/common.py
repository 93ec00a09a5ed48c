from odoo import fields

from odoo.addons.ar_ledger.tests.common import ReceivablesCommon


class DunningCommon(ReceivablesCommon):
    """The company chases by the shipped scenario: D-5 and D+5 e-mail, D+7 call, D+8
    notice to the salesperson."""

    # It has chased for long: no first run that somebody has to read.
    switches = {
        **ReceivablesCommon.switches,
        "ar_dunning_active": True,
        "ar_dunning_start_date": False,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scenario = cls.env.ref("ar_dunning_scenario.ar_dunning_scenario_standard")
        cls.company.ar_dunning_scenario_id = cls.scenario
        cls.company.email = "books@company.example"
        cls.customer.email = "customer@example.com"
        cls.other_customer.email = "other@example.com"
        cls.user_collector.email = "collector@company.example"
        # The engine works as the system; roles are tested by with_user.
        cls.reminders = cls.env["ar.dunning.reminder"].sudo()
        cls.dunning_items = cls.env["ar.dunning.item"].sudo()

    @classmethod
    def new_scenario(cls, *steps, **values):
        """Return a scenario of (key, days, values of the step)."""
        template = cls.env.ref("ar_dunning_scenario.mail_template_second")
        return cls.env["ar.dunning.scenario"].create(
            {
                "name": "Scenario",
                "step_ids": [
                    fields.Command.create(
                        {
                            "name": key.capitalize(),
                            "step_key": key,
                            "days": days,
                            "template_id": template.id,
                            **step_values,
                        }
                    )
                    for key, days, step_values in steps
                ],
                **values,
            }
        )

    def refresh(self, company=None):
        self.dunning_items._refresh(company or self.company)

    def item(self, move):
        return self.dunning_items.search([("move_id", "=", move.id)])

    def plan(self, *customers, company=None):
        """Refresh, re-check and plan, as the night does; return the new reminders."""
        company = company or self.company
        self.refresh(company)
        self.reminders._get_open(company)._recheck()
        customers = [customer.id for customer in customers]
        due = self.reminders._get_due_customers(company)
        return self.reminders._plan(company, customers or due)

    def prepare(self, *customers, company=None):
        reminders = self.plan(*customers, company=company)
        reminders._prepare()
        return reminders

    def done(self, reminders):
        """Let reminders be done, however they would be sent."""
        for reminder in reminders.filtered(lambda r: r.state in ("draft", "ready")):
            reminder._set_sent()

    def facts_of(self, items):
        """Return what the table says, without the ids of its rows."""
        rows = items.sorted("line_id").read(
            [
                "line_id",
                "scenario_id",
                "version",
                "due_date",
                "cycle",
                "step_done",
                "next_step_id",
                "next_date",
                "next_occurrence",
                "discount_date",
                "sent_date",
                "is_unsent",
                "phase_end",
                "must_decide",
                "reminder_id",
                "is_changed",
            ],
            load=None,
        )
        return [{**row, "id": None} for row in rows]
