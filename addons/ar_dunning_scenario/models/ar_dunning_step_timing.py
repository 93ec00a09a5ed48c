from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.clock import MOST_DAYS, Step

#: Place of a step that was not put anywhere: behind those that were.
AT_THE_END = 1000


class ArDunningStep(models.Model):
    """When a step is taken, and how often."""

    _inherit = "ar.dunning.step"

    sequence = fields.Integer(
        default=AT_THE_END,
        help="Steps are sorted by their days. A step counted from the previous one "
        "stays behind the one that it is put behind.",
    )
    repeat_every = fields.Integer(
        help="Days after which the step is taken again, until the next step is due. "
        "0: it is taken once.",
    )
    repeat_times = fields.Integer(
        string="At Most",
        help="How often it is repeated; the first time does not count.",
    )
    level = fields.Integer(
        compute="_compute_level",
        help="How far an item is that stands at this step. The worst item of a "
        "customer gives the reminder its step.",
    )

    _repeats_not_negative = models.Constraint(
        "CHECK (repeat_every >= 0 AND repeat_times >= 0)",
        "Repeats are counted from zero.",
    )

    @api.depends("trigger", "days", "scenario_id.step_ids.days")
    def _compute_level(self):
        levels = {}
        for scenario in self.scenario_id:
            levels.update(scenario._get_levels())
        for step in self:
            step.level = levels.get(step._origin.id, 0)

    @api.constrains("trigger", "days", "repeat_every", "repeat_times", "sequence")
    def _check_timing(self):
        self._check_channel()
        for scenario in self.scenario_id:
            if scenario.step_ids[:1].trigger == "previous_step":
                raise ValidationError(
                    self.env._(
                        "%(scenario)s: the first step has no previous one to be "
                        "counted from.",
                        scenario=scenario.name,
                    )
                )

    def _get_problem(self):
        return super()._get_problem() or self._get_timing_problem()

    def _get_timing_problem(self):
        if self.trigger == "discount_date" and self.days > 0:
            return self.env._("it has to come before the discount date, or on it.")
        if self.trigger == "sending" and self.days < 0:
            return self.env._("it cannot come before the sending of the invoice.")
        if self.trigger == "previous_step" and self.days < 1:
            return self.env._("it has to come at least one day after the previous one.")
        if bool(self.repeat_every) != bool(self.repeat_times):
            return self.env._("repeats need both a number of days and a cap.")
        if max(abs(self.days), self.repeat_every, self.repeat_times) > MOST_DAYS:
            return self.env._(
                "days and repeats go up to %(most)s, ten years.", most=MOST_DAYS
            )
        return None

    @api.model_create_multi
    def create(self, vals_list):
        for number, vals in enumerate(vals_list):
            if vals.get("sequence", AT_THE_END) == AT_THE_END:
                vals["sequence"] = AT_THE_END + number
        steps = super().create(vals_list)
        steps.scenario_id._arrange_steps()
        return steps

    def write(self, vals):
        result = super().write(vals)
        if not {"trigger", "days", "sequence"}.isdisjoint(vals):
            self.scenario_id._arrange_steps()
        return result

    def unlink(self):
        scenarios = self.scenario_id
        result = super().unlink()
        scenarios.exists().step_ids._check_timing()
        scenarios.exists()._arrange_steps()
        return result

    def _get_clock_step(self):
        """Return the step as the clock knows it."""
        self.ensure_one()
        return Step(
            self.step_key,
            self.days,
            self.trigger,
            self.repeat_every,
            self.repeat_times,
        )

    def _get_day_label(self):
        """Return when the step is taken, in short, as D+5."""
        labels = {
            "sending": self.env._("Sent"),
            "discount_date": self.env._("Discount"),
            "due_date": self.env._("D"),
            "previous_step": self.env._("Then"),
        }
        return f"{labels[self.trigger or 'due_date']}{self.days:+d}"
