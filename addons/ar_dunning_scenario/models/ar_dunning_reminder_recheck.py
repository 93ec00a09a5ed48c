from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..tools import clock


class ArDunningReminderRecheck(models.Model):
    """Stage 3: between planning and sending the books go on."""

    _inherit = "ar.dunning.reminder"

    def _recheck(self):
        """Compare open reminders with the books as they are now.

        Items that were paid, credited, suspended, re-dated or posted again, or whose
        customer is no longer chased so, are taken out, amounts are brought up to date,
        and a reminder without items is cancelled. A constant number of queries per root
        company, plus one update per group of changes.
        """
        unasked = self.filtered(lambda reminder: not reminder._was_asked())
        lines = unasked._get_active_lines()
        facts, reasons = self._get_obsolete_reasons(lines)
        by_reason = defaultdict(lines.browse)
        for line, reason in reasons.items():
            by_reason[reason] |= line
        for reason, obsolete in by_reason.items():
            if reason:
                obsolete._close("cancelled", reason)
        current = by_reason[None].filtered(
            lambda line: not line.reminder_id._is_printed()
        )
        current._update_amounts(facts)
        unasked._recheck_totals()

    def _was_asked(self):
        """Tell whether the customer was, or may have been, asked: what is on record is
        not taken back because the books went on."""
        return "done" in self.line_ids.mapped("state")

    def _recheck_totals(self):
        """Take today's open credits off, and cancel what nobody owes any more."""
        self._update_credits()
        covered = self.env._("Open credits cover the items")
        too_little = self.env._("Too little is left to ask for")
        milder = self.env._("What this step was for is settled")
        by_reason = defaultdict(self.browse)
        for reminder in self:
            if not reminder._get_active_lines():
                by_reason[reminder._get_line_reasons()] |= reminder
            elif reminder.currency_id.compare_amounts(reminder.amount_net, 0.0) <= 0:
                by_reason[covered] |= reminder
            elif reminder._is_below_floor():
                by_reason[too_little] |= reminder
            elif not reminder._has_own_step():
                by_reason[milder] |= reminder
        for reason, settled in by_reason.items():
            settled._get_active_lines()._close("cancelled", reason)
            settled._set_cancelled(reason)

    def _has_own_step(self):
        """Tell whether an item is left that stands at the step of the reminder; the
        others are not asked for in words that are not meant for them."""
        own = (self.scenario_id, self.step_key)
        return own in {
            (line.scenario_id, line.step_key) for line in self._get_active_lines()
        }

    def _update_credits(self):
        current = self.filtered(lambda reminder: not reminder._is_printed())
        for reminder, credit in current._read_credits().items():
            if reminder.amount_credit != credit:
                reminder.sudo().amount_credit = credit

    def _read_credits(self):
        """Return {reminder: the open credits of its customer in its currency now}."""
        found = {}
        for company, reminders in self.grouped("company_id").items():
            credits = self._get_credits(company, reminders.commercial_partner_id.ids)
            for reminder in reminders:
                key = (reminder.commercial_partner_id.id, reminder.currency_id.id)
                found[reminder] = credits.get(key, 0.0)
        return found

    def _get_line_reasons(self):
        return ", ".join(sorted(set(self.line_ids.mapped("cancel_reason")) - {False}))

    def _get_obsolete_reasons(self, lines):
        """Return the facts of the items of these reminders, see
        :meth:`_get_line_facts`, and {line: why it is no longer asked for, or None}."""
        facts = self._get_line_facts(lines.line_id.ids)
        self._add_scenarios(facts)
        pauses = self.env["ar.dunning.item"]._get_pauses(lines.line_id.ids)
        return facts, {
            line: self._get_obsolete_reason(line, facts.get(line.line_id.id), pauses)
            for line in lines
        }

    @api.model
    def _get_line_facts(self, line_ids):
        """Return {journal item id: its row of ar.open.item} of the open ones."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT fact.line_id, fact.commercial_partner_id,
                          fact.amount_to_ask, fact.date_maturity,
                          fact.discount_date, fact.days_overdue,
                          fact.not_chased_reason
                     FROM (%s) fact""",
                self.env["ar.open.item"]._facts_sql(
                    SQL("line.id = ANY(%s)", list(line_ids))
                ),
            )
        )
        return {row["line_id"]: row for row in self.env.cr.dictfetchall()}

    def _add_scenarios(self, facts):
        """Add to each row of facts by which scenario its item is chased now, if any."""
        only = SQL("line.id = ANY(%s)", list(facts))
        for company in self.company_id:
            wanted = self.env["ar.dunning.item"]._get_wanted_sql(company, only)
            rows = self.env.execute_query(
                SQL(
                    """SELECT wanted.line_id, wanted.scenario_id,
                              COALESCE(floor.item_amount, 0)
                         FROM (%s) wanted %s""",
                    wanted,
                    self.env["ar.dunning.scenario"]._get_floor_join(
                        SQL("wanted.scenario_id"), SQL("wanted.currency_id")
                    ),
                )
            )
            for line_id, scenario_id, floor in rows:
                facts[line_id].update(scenario_id=scenario_id, floor=float(floor))

    @api.model
    def _get_obsolete_reason(self, line, fact, pauses):
        """Return why an item is no longer asked for, or None.

        :param fact: a row of :meth:`_get_line_facts` with its scenario, None if it is
            not open any more
        """
        if not fact:
            posted = line.sudo().line_id.parent_state == "posted"
            return self.env._("Paid") if posted else self.env._("No longer posted")
        if fact["not_chased_reason"]:
            field = self.env["ar.open.item"]._fields["not_chased_reason"]
            labels = dict(field._description_selection(self.env))
            return labels[fact["not_chased_reason"]]
        today = line.company_id._ar_today()
        if reason := self._get_change(line, fact, today):
            return reason
        paused = clock.stands_still(pauses.get(line.line_id.id, []), today)
        if paused or fact["amount_to_ask"] <= 0:
            return self.env._("Suspended")
        if line.currency_id.compare_amounts(fact["amount_to_ask"], fact["floor"]) < 0:
            return self.env._("Too little is left to ask for")
        return None

    @api.model
    def _get_change(self, line, fact, today):
        """Return what became different since the item was planned, or None."""
        if line.cycle_closed:
            return self.env._("Posted again")
        customer = line.reminder_id.commercial_partner_id
        if fact["commercial_partner_id"] != customer.id:
            return self.env._("Another customer")
        if "scenario_id" not in fact:
            return self.env._("No longer chased")
        if fact["scenario_id"] != line.scenario_id.id:
            return self.env._("Another scenario")
        if fact["date_maturity"] != line.due_date:
            return self.env._("Due date changed")
        return self._get_lapse(line, fact, today)

    @api.model
    def _get_lapse(self, line, fact, today):
        """Return why what the step says is no longer true, or None."""
        if line.step_trigger == "due_date" and line.step_days < 0:
            # A courtesy before the due date is none after it.
            if fact["date_maturity"] <= today:
                return self.env._("Due meanwhile")
        if line.step_trigger == "discount_date":
            if not fact["discount_date"] or fact["discount_date"] < today:
                return self.env._("The discount has lapsed")
        return None
