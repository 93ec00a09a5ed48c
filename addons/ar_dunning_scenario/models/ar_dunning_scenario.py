from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools import clock


class ArDunningScenario(models.Model):
    """When and how the items of a customer are asked for, step by step.

    A scenario in use is versioned: what was sent keeps the step and the version it was
    sent by, and a changed scenario never repeats a step that was done.
    """

    _name = "ar.dunning.scenario"
    _description = "Dunning Scenario"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        domain="[('parent_id', '=', False)]",
        help="Empty: every company may use it.",
    )
    description = fields.Text(translate=True)
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="Rises when the steps of a scenario in use are changed. Items go on with "
        "the new steps; what was done stays done.",
    )
    step_ids = fields.One2many(
        "ar.dunning.step", "scenario_id", string="Steps", copy=True
    )
    item_count = fields.Integer(string="Items", compute="_compute_item_count")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_version_not_written(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        self._check_version_not_written(vals)
        return super().write(vals)

    def _check_version_not_written(self, names):
        """What was sent refers to them: they rise by :meth:`_bump_version` alone."""
        if not self.env.su and "version" in names:
            raise AccessError(
                self.env._("The version of a scenario is not written by hand.")
            )

    def _compute_item_count(self):
        counts = dict(
            self.env["ar.dunning.item"]._read_group(
                [("scenario_id", "in", self.ids)], ["scenario_id"], ["__count"]
            )
        )
        for scenario in self:
            scenario.item_count = counts.get(scenario, 0)

    @api.constrains("company_id")
    def _check_root_company(self):
        for scenario in self:
            if scenario.company_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "Branches are chased with their main company: choose "
                        "%(company)s.",
                        company=scenario.company_id.root_id.name,
                    )
                )

    @api.constrains("company_id")
    def _check_users(self):
        """Who has the scenario already, may go on using it."""
        for scenario in self.filtered("company_id"):
            if companies := scenario._get_user_companies() - scenario.company_id:
                raise ValidationError(
                    self.env._(
                        "%(scenario)s is the scenario of %(companies)s or of customers "
                        "there.",
                        scenario=scenario.name,
                        companies=", ".join(companies.mapped("name")),
                    )
                )

    def _get_user_companies(self):
        """Return the root companies that have the scenario, or whose customers do."""
        self.ensure_one()
        self.env["res.partner"].flush_model(["ar_root_dunning_scenario_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT own.key::int
                     FROM res_partner partner,
                          jsonb_each_text(partner.ar_root_dunning_scenario_id) own
                    WHERE own.value = %s""",
                str(self.id),
            )
        )
        companies = self.env["res.company"].sudo()
        by_default = companies.search([("ar_dunning_scenario_id", "=", self.id)])
        of_customers = companies.browse([company_id for (company_id,) in rows])
        return (by_default | of_customers.exists()).root_id

    def _check_usable_in(self, company):
        """Refuse the scenario of another root company."""
        for scenario in self:
            owner = scenario.sudo().company_id
            if owner and owner != company.root_id:
                raise ValidationError(
                    self.env._(
                        "The scenario %(scenario)s belongs to %(company)s.",
                        scenario=scenario.sudo().name,
                        company=owner.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        lines = self.env["ar.dunning.reminder.line"].sudo()
        used = lines.search([("scenario_id", "in", self.ids)]).scenario_id
        if used:
            raise UserError(
                self.env._(
                    "%(scenarios)s: reminders were made by it. Archive it instead.",
                    scenarios=", ".join(used.mapped("name")),
                )
            )

    def action_open_items(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_item_action"
        )
        action["domain"] = [("scenario_id", "=", self.id)]
        action["context"] = {}
        return action

    def _get_bounded_steps(self):
        """Return the steps as the clock knows them, in their order, with the amounts
        that they are for."""
        return tuple(step._get_bounded_step() for step in self.step_ids)

    def _get_levels(self):
        """Return {step id: how far an item is that stands at it}: steps from the due
        date on outrank those of the other tracks."""
        self.ensure_one()
        levels, track, days = {}, 0, 0
        for step in self.step_ids:
            if step.trigger == "previous_step":
                days += step.days
            else:
                track, days = clock.TRACKS.index(step.trigger), step.days
            levels[step.id] = track * 10000 + days
        return levels

    def _arrange_steps(self):
        """Keep the steps in the order in which they are taken.

        Nothing that anybody decided, so no new version.
        """
        places = {}
        for scenario in self:
            by_key = {step.step_key: step.id for step in scenario.step_ids.sorted()}
            steps = scenario.step_ids.sorted()
            in_order = clock.arrange(step._get_clock_step() for step in steps)
            places.update({by_key[s.key]: n for n, s in enumerate(in_order, start=1)})
        self.step_ids.flush_recordset(["sequence"])
        self.env.cr.execute(
            """UPDATE ar_dunning_step step SET sequence = place.number
                 FROM unnest(%s::int[], %s::int[]) AS place(id, number)
                WHERE step.id = place.id""",
            [list(places), list(places.values())],
        )
        self.step_ids.invalidate_recordset(["sequence"])
        self.invalidate_recordset(["step_ids"])

    def _bump_version(self):
        """Start a new version, unless nothing was done yet by the present one."""
        if not self:
            return
        self.env["ar.dunning.item"].flush_model(["scenario_id", "version"])
        self.env["ar.dunning.reminder.line"].flush_model(["scenario_id", "version"])
        self.flush_recordset(["version"])
        self.env.cr.execute(
            """UPDATE ar_dunning_scenario scenario SET version = version + 1
                WHERE id IN %s AND (
                    EXISTS (SELECT FROM ar_dunning_item item
                             WHERE item.scenario_id = scenario.id
                               AND item.version = scenario.version)
                    OR EXISTS (SELECT FROM ar_dunning_reminder_line line
                                WHERE line.scenario_id = scenario.id
                                  AND line.version = scenario.version))""",
            [tuple(self.ids)],
        )
        self.invalidate_recordset(["version"])
