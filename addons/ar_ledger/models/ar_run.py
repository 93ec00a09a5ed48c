from collections.abc import Callable
from datetime import time, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

#: Local time from which the night's work of a day may begin.
NIGHT_BEGINS = time(2, 0)
#: A stage that has not finished so long after it began no longer holds up the next.
LATE_AFTER = timedelta(hours=6)


class Stage(NamedTuple):
    """A stage of the nightly run, contributed by a floor.

    ``method`` of ``model`` does one batch: ``method(run) -> items still to do``.
    ``switch(company) -> bool`` tells whether the company wants it at all.
    """

    key: str
    sequence: int
    label: str
    model: str
    method: str
    switch: Callable


class ArRun(models.Model):
    """One stage of one night of one company: what was done, and how far.

    Stages are resumable: each batch is committed with its cursor and counts, so a
    killed process goes on where it stood. Any worker may run any stage at any time;
    a stage that is not its turn waits, a stage that is done stays done.
    """

    _name = "ar.run"
    _description = "Nightly Run"
    _order = "date desc, company_id, id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    stage = fields.Selection(selection="_selection_stage", required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "To do"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="pending",
    )
    cursor = fields.Integer(
        readonly=True, help="How far the stage came: the last record it finished."
    )
    remaining = fields.Integer(readonly=True, aggregator=None)
    counts = fields.Json(readonly=True)
    counts_text = fields.Char(string="Result", compute="_compute_texts")
    errors = fields.Json(string="Error Data", readonly=True)
    errors_text = fields.Text(string="Errors", compute="_compute_texts")
    error_count = fields.Integer(readonly=True)
    started_on = fields.Datetime(readonly=True)
    ended_on = fields.Datetime(readonly=True)

    _company_date_stage_unique = models.UniqueIndex("(company_id, date, stage)")

    @api.depends("company_id", "date", "stage")
    def _compute_display_name(self):
        labels = dict(self._selection_stage())
        for run in self:
            run.display_name = f"{run.date} · {labels.get(run.stage, run.stage)}"

    @api.depends("counts", "errors")
    def _compute_texts(self):
        for run in self:
            run.counts_text = ", ".join(
                f"{name.replace('_', ' ')}: {count}"
                for name, count in (run.counts or {}).items()
            )
            run.errors_text = "\n".join(error["text"] for error in run.errors or [])

    @api.model
    def _selection_stage(self):
        return [(stage.key, stage.label) for stage in self._get_sorted_stages()]

    @api.model
    def _get_stages(self) -> list[Stage]:
        """Hook: floors above call super and append their stages."""
        return []

    @api.model
    def _get_sorted_stages(self) -> list[Stage]:
        return sorted(self._get_stages(), key=lambda stage: stage.sequence)

    def _get_stage(self) -> Stage:
        self.ensure_one()
        return next(s for s in self._get_stages() if s.key == self.stage)

    def action_run_now(self):
        """Do tonight's work now, for the companies of the user."""
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_collector"):
            raise AccessError(
                self.env._("Only collectors and credit managers start the nightly run.")
            )
        self.sudo()._run_night(self.env.companies.root_id)
        return self.env["ir.actions.act_window"]._for_xml_id("ar_ledger.ar_run_action")

    @api.model
    def _cron_run_night(self):
        companies = self._get_active_companies()
        self._run_night(
            companies.filtered(lambda c: c._ar_local_time() >= NIGHT_BEGINS)
        )

    @api.model
    def _get_active_companies(self):
        return self.env["res.company"].search(
            [("ar_ledger_active", "=", True), ("parent_id", "=", False)]
        )

    @api.private
    def _run_night(self, companies=None):
        """Run all stages that today still has to do, company by company.

        Commits after each batch. A company that fails does not stop the others.

        :param companies: root companies; all that are switched on if not given
        """
        active = self._get_active_companies()
        for company in active if companies is None else active & companies:
            for run in self._ensure_runs(company):
                if not run._run_stage():
                    break

    @api.model
    def _ensure_runs(self, company):
        """Return today's runs of a company in the order of their stages, making those
        that are missing. Safe against a second worker doing the same."""
        keys = [s.key for s in self._get_sorted_stages() if s.switch(company)]
        if not keys:
            return self.browse()
        today = company._ar_today()
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_run (company_id, date, stage, state, create_uid,
                                       create_date, write_uid, write_date)
                   SELECT %(company)s, %(date)s, stage, 'pending', %(uid)s,
                          now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC'
                     FROM unnest(%(stages)s) AS stage
                   ON CONFLICT (company_id, date, stage) DO NOTHING""",
                company=company.id,
                date=today,
                uid=self.env.uid,
                stages=keys,
            )
        )
        runs = self.search([("company_id", "=", company.id), ("date", "=", today)])
        return runs.filtered(lambda run: run.stage in keys).sorted(
            lambda run: keys.index(run.stage)
        )

    @api.model
    def _get_last(self, company):
        """Return {stage: its last run} of a root company."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (stage) stage, id FROM ar_run
                    WHERE company_id = %s ORDER BY stage, date DESC, id DESC""",
                company.id,
            )
        )
        return {stage: self.browse(run_id) for stage, run_id in rows}

    def _run_stage(self):
        """Do the batches of one stage until nothing remains.

        :return: whether the next stage may start
        """
        self.ensure_one()
        while self.state != "done":
            if not self._lock_or_skip():
                return self._is_late()
            if not self._run_batch_or_retry():
                continue
            failed = self.state == "failed"
            # A failed stage is not tried again at once but by the next hourly run.
            seconds_left = self.env["ir.cron"]._commit_progress(
                1, remaining=0 if failed else self.remaining
            )
            if failed:
                return self._is_late()
            if not seconds_left:
                return False
        return True

    def _lock_or_skip(self):
        locked = self.try_lock_for_update()
        locked.invalidate_recordset()
        return bool(locked) and locked.state != "done"

    def _run_batch_or_retry(self):
        """Do one batch; when another transaction was faster on the same rows, begin
        anew with a fresh snapshot, as Odoo does with a user's request.

        :return: whether the batch is done
        """
        try:
            self._run_batch()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
            return False
        return True

    def _run_batch(self):
        """Do one batch in a savepoint; an exception makes a failed run, not a crash."""
        stage = self._get_stage()
        self.write(
            {
                "state": "running",
                "started_on": self.started_on or fields.Datetime.now(),
            }
        )
        before = (self.cursor, self.remaining)
        try:
            with self.env.cr.savepoint():
                method = getattr(self.env[stage.model], stage.method)
                remaining = method(self.with_company(self.company_id))
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # What stopped the stage is shown to the user who reads the run.
            self._add_error(f"{type(error).__name__}: {error}")
            self.state = "failed"
            return
        self.remaining = remaining
        if not remaining:
            self.write({"state": "done", "ended_on": fields.Datetime.now()})
        elif before == (self.cursor, self.remaining):
            self._add_error(self.env._("The stage made no progress and was stopped."))
            self.state = "failed"

    def _is_late(self):
        return bool(
            self.state != "done"
            and self.started_on
            and self.started_on + LATE_AFTER < fields.Datetime.now()
        )

    def _count(self, **counts):
        """Add to the counts that the run shows, such as ``planned=3``."""
        self.ensure_one()
        total = dict(self.counts or {})
        for name, count in counts.items():
            total[name] = total.get(name, 0) + count
        self.counts = total

    def _add_error(self, text, record=None):
        """Note an error of one record; the stage goes on with the others."""
        self.ensure_one()
        error = {"text": text}
        if record:
            error.update(model=record._name, id=record.id)
            error["text"] = f"{record.display_name}: {text}"
        self.errors = (self.errors or []) + [error]
        self.error_count = len(self.errors)
