from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.promise import Part, Receipt, judge
from .ar_promise import DECIDED_STATES
from .ar_promise_mixin import ACTIVITY_TOLD

PROMISES_PER_BATCH = 500
#: Promises older than this are judged again only when a payment is matched.
LOOK_BACK = timedelta(days=366)
FINAL_STATES = (*DECIDED_STATES, "credited")
JUDGED_STATES = ("open", *FINAL_STATES)


class ArPromiseEvaluation(models.Model):
    """What became of promises: read from the booked payments, as often as one likes.

    The verdict is a pure function of what was promised, what is booked and the day (see
    ``tools/promise.py``); putting it on record twice changes nothing.
    """

    _inherit = "ar.promise"

    @api.model
    def _run_night_batch(self, run):
        """Judge the next promises of a root company.

        :param run: ar.run, its cursor is the last promise that was judged
        :return: the number of promises still to do
        """
        company = run.company_id
        if not run.cursor:
            run._count(expired=self._expire_waiting(company))
        todo = self._get_judged_domain(company) & Domain("id", ">", run.cursor)
        batch = self.search(todo, order="id", limit=PROMISES_PER_BATCH)
        if not batch:
            return 0
        run._count(judged=len(batch), changed=len(batch._evaluate()))
        run.cursor = batch[-1].id
        return self.search_count(todo & Domain("id", ">", run.cursor))

    @api.model
    def _get_judged_domain(self, company):
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "not in", ("waiting", "cancelled"))
            & Domain("deadline", ">=", company._ar_today() - LOOK_BACK)
        )

    @api.model
    def _expire_waiting(self, company):
        """What nobody approved in time was never agreed to.

        :return: the number of promises and plans
        """
        reason = self.env._("Nobody approved it in time")
        waiting = Domain("company_id", "=", company.id) & Domain(
            "state", "=", "waiting"
        )
        today = company._ar_today()
        over = self.search(
            waiting & Domain("plan_id", "=", False) & Domain("deadline", "<", today)
        )
        plans = self.env["ar.payment.plan"].search(waiting)
        plans = plans.filtered(lambda plan: plan._get_last_day() < today)
        for expired in over, plans:
            if expired:
                expired._set_cancelled(reason)
        return len(over) + len(plans)

    @api.model
    def _on_lines_matched(self, lines):
        """Judge the promises about some journal items again, because a payment was
        matched with them or taken off them."""
        self.sudo().search(
            Domain("line_ids.line_id", "in", lines.ids)
            & (
                Domain("plan_id", "!=", False)
                | Domain("state", "not in", ("waiting", "cancelled"))
            )
        )._evaluate()

    def _evaluate(self):
        """Compare promises with the booked payments and put on record what changed.

        An instalment is judged with the others of its plan. A constant number of
        queries, plus a few for what changed.

        :return: the promises whose state changed
        """
        promises = self.sudo()
        plans = promises.plan_id.filtered(lambda plan: plan.state in JUDGED_STATES)
        singles = promises.filtered(
            lambda promise: not promise.plan_id and promise.state in JUDGED_STATES
        )
        judged = singles | plans.promise_ids
        if not judged:
            return judged
        receipts = judged.line_ids._get_receipts()
        verdicts = {}
        for agreement in [*singles, *(plan.promise_ids for plan in plans)]:
            verdicts.update(agreement._judge(receipts))
        plans_before = plans._store_verdicts(verdicts)
        before = judged._store_verdicts(verdicts)
        changed = judged.browse(before)
        plans.browse(plans_before)._follow(plans_before)
        changed._follow(before)
        changed._follow_broken(before, plans_before)
        for records in singles - changed, plans:
            records._adjust_suspensions()
        return changed

    def _judge(self, receipts):
        """Judge a promise, or all the instalments of one plan.

        :param dict receipts: see ``ar.promise.line._get_receipts``
        :return: {promise id: :class:`Verdict`}
        """
        units = 10**self.currency_id.decimal_places
        # An item may be in several instalments, with the same figures.
        items = {line.line_id.id or -line.id: line for line in self.line_ids}.values()
        verdicts = judge(
            [Part(round(p.amount * units), p.date, p.deadline) for p in self],
            sum(round(line.amount_open * units) for line in items),
            [
                Receipt(round(amount * units), day, is_credit)
                for line in items
                for amount, day, is_credit in line._read_receipts(receipts)
            ],
            self.company_id._ar_today(),
        )
        return dict(zip(self.ids, verdicts, strict=True))

    def _store_verdicts(self, verdicts):
        """Write what is new.

        :param dict verdicts: see :meth:`_judge`
        :return: {promise id: its state before} of those whose state changed
        """
        before = {}
        for promise in self._by_code():
            values = promise._prepare_verdict(verdicts[promise.id])
            if promise.state != values["state"]:
                before[promise.id] = promise.state
                is_final = values["state"] in FINAL_STATES
                values["closed_on"] = is_final and promise.company_id._ar_today()
            if any(promise[name] != value for name, value in values.items()):
                promise.write(values)
        return before

    def _prepare_verdict(self, verdict):
        self.ensure_one()
        units = 10**self.currency_id.decimal_places
        return {
            "amount_paid": verdict.paid / units,
            "amount_credited": verdict.credited / units,
            "state": self._get_state(verdict),
        }

    def _get_state(self, verdict):
        """What a broken plan still had before it, it no longer asks for."""
        plan = self.plan_id
        if plan.state == "broken" and (
            verdict.state == "open"
            or (self.deadline >= plan.closed_on and self.state not in FINAL_STATES)
        ):
            return "cancelled"
        return verdict.state

    def _follow_broken(self, before, plans_before):
        """Let the items of what was broken, or is so no longer, know it.

        :param dict before: {promise id: its state before}, of ``self``
        :param dict plans_before: the same of plans
        """
        plans = self.env["ar.payment.plan"].browse(plans_before)
        broken = self.filtered(lambda p: p.state == "broken" and not p.plan_id)
        broken |= plans.filtered(lambda plan: plan.state == "broken").promise_ids
        mended = self.filtered(lambda p: before[p.id] == "broken")
        mended_plans = plans.filtered(lambda plan: plans_before[plan.id] == "broken")
        missed = self.filtered(lambda p: p.state in ("partly", "broken"))
        missed = missed.filtered(lambda promise: promise.plan_id.state == "open")
        missed._give_task(self.env._("An instalment was missed"))
        if broken:
            self._on_promise_broken(broken.with_env(self.env))
        for records in filter(None, (mended, mended_plans)):
            records._by_code().activity_unlink([ACTIVITY_TOLD])
        mended |= mended_plans.promise_ids
        if mended:
            self.env["ar.dunning.item"]._on_lines_changed(mended.line_ids.line_id)

    @api.model
    def _on_promise_broken(self, promises):
        """The items of broken promises go on at their next step, without grace.

        Hook: floors above call super and do what they do about a broken word.

        :param promises: ar.promise, broken just now; of a broken plan all instalments
        """
        promises = promises.sudo()
        self.env["ar.dunning.item"]._on_lines_changed(promises.line_ids.line_id)
        singles = promises.filtered(lambda promise: not promise.plan_id)
        singles._give_task(self.env._("The promise was broken"))
        promises.plan_id._give_task(self.env._("The payment plan was broken"))

    @api.model
    def _get_broken_dates(self, line_ids):
        """Return {(journal item id, its due date then): day} of the items of which a
        promise, or a payment plan, was found broken on that day, the last one."""
        self.flush_model()
        self.env["ar.promise.line"].flush_model()
        self.env["ar.payment.plan"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT line.line_id, line.due_date,
                          MAX(COALESCE(plan.closed_on, promise.closed_on))
                     FROM ar_promise_line line
                     JOIN ar_promise promise ON promise.id = line.promise_id
                LEFT JOIN ar_payment_plan plan ON plan.id = promise.plan_id
                    WHERE line.line_id = ANY(%s)
                      AND COALESCE(plan.state, promise.state) = 'broken'
                 GROUP BY line.line_id, line.due_date""",
                list(line_ids),
            )
        )
        return {(line_id, due_date): day for line_id, due_date, day in rows}
