from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import format_date

from ..models.res_partner import GROUP_COLLECTOR

OK, WARNING, DANGER = "ok", "warning", "danger"


class Check(NamedTuple):
    """One line of the health page.

    ``count`` is what was found. Where something was, ``level`` says how bad it is and
    ``advice`` what to do; ``action`` opens the records that were counted: a dict, or
    None.
    """

    area: str
    name: str
    count: int
    level: str = OK
    advice: str = ""
    action: dict | None = None


class ArHealth(models.TransientModel):
    """Whether the suite does its work, on one page: what ran, what went wrong, what is
    in the way, and what to do about it. Every number opens its records."""

    _name = "ar.health"
    _description = "Health of Receivables"
    _order = "company_id, sequence, id"

    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    sequence = fields.Integer(readonly=True)
    area = fields.Char(readonly=True)
    name = fields.Char(string="Check", readonly=True)
    count = fields.Integer(readonly=True, aggregator=None)
    level = fields.Selection(
        [(OK, "Good"), (WARNING, "Look at it"), (DANGER, "Act")], readonly=True
    )
    advice = fields.Char(string="What to Do", readonly=True)
    action = fields.Json(readonly=True)

    @api.model
    def action_open_page(self):
        """Look at everything anew, for the companies of the user, and show it."""
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("The health page is for collectors and credit managers.")
            )
        page = self.sudo().create(
            [
                {
                    "company_id": company.id,
                    "sequence": sequence,
                    "area": check.area,
                    "name": check.name,
                    "count": check.count,
                    "level": check.level,
                    "advice": check.advice if check.level != OK else "",
                    "action": check.action,
                }
                for company in self.env.companies.root_id.filtered("ar_ledger_active")
                for sequence, check in enumerate(self._get_checks(company))
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_ledger.ar_health_action"
        )
        action["domain"] = [("id", "in", page.ids)]
        return action

    def action_open(self):
        """Open what was counted."""
        self.ensure_one()
        return self.action

    @api.model
    def _get_checks(self, company) -> list[Check]:
        """Return the lines of the page for a root company, in their order.

        Hook: floors above call super and add theirs; a constant number of queries.
        """
        return self._check_runs(company)

    @api.model
    def _check(self, area, name, count, level, advice, action, domain=()):
        """Return a check: good where nothing was found.

        :param action: external id of the window that shows what was counted
        """
        window = self.env["ir.actions.act_window"]._for_xml_id(action)
        window.update(domain=list(domain), context={})
        return Check(
            area, name, count, level if count else OK, advice, window if count else None
        )

    @api.model
    def _check_runs(self, company):
        """Return a check for each stage of the nightly run: when it last ended, and
        with how many errors."""
        area = self.env._("Nightly run")
        last = self.env["ar.run"].sudo()._get_last(company)
        checks = []
        for stage in self.env["ar.run"]._get_sorted_stages():
            if stage.switch(company):
                run = last.get(stage.key, self.env["ar.run"])
                checks.append(self._check_run(area, company, stage, run))
        return checks

    @api.model
    def _check_run(self, area, company, stage, run):
        yesterday = company._ar_today() - timedelta(days=1)
        level, advice = OK, ""
        if not run or run.date < yesterday:
            level = DANGER
            advice = self.env._(
                "It did not run last night: is the scheduled action on, and a worker "
                "free?"
            )
        elif run.state == "failed":
            level = DANGER
            advice = self.env._("It stopped: read the error, then run it again.")
        elif run.error_count:
            level = WARNING
            advice = self.env._("It went on without these: read the errors.")
        name = self.env._(
            "%(stage)s, last on %(date)s",
            stage=stage.label,
            date=format_date(self.env, run.date) or "-",
        )
        action = None
        if run:
            action = {
                "type": "ir.actions.act_window",
                "res_model": "ar.run",
                "res_id": run.id,
                "views": [[False, "form"]],
            }
        return Check(area, name, run.error_count, level, advice, action)
