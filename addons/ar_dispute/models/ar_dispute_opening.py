"""Opening disputes: what speaks against it, and what it changes at once."""

import functools
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.ar_dunning_scenario.models.ar_dunning_reminder import OPEN_STATES

from .ar_dispute import ACTIVITY_TYPE, GROUP_COLLECTOR, UNDECIDED


class Opening(NamedTuple):
    """A dispute to open: ``lines`` are open items of one customer and one company,
    ``amounts`` {line id: disputed amount in the currency of the line} of those of which
    only a part is disputed, ``details`` further values of the dispute."""

    lines: Any
    reason: Any
    amounts: dict
    details: dict


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    @api.model
    def _open(self, lines, reason, *, amounts=None, details=None):
        """Open one dispute about items of one customer and suspend them.

        :param lines: account.move.line, open receivable items of one customer and one
            company
        :param reason: ar.dispute.reason
        :param dict amounts: {line id: disputed amount in the currency of the line} of
            the lines of which only a part is disputed
        :param dict details: further values: user_id, priority, date_deadline,
            description, product_id
        :return: the dispute
        :raise UserError: with all that speaks against it
        """
        return self._open_many([Opening(lines, reason, amounts or {}, details or {})])

    @api.model
    def _open_many(self, openings):
        """As :meth:`_open` for many disputes at once: all of them or none, in a number
        of queries that does not grow with them, batches of rows apart.

        :param openings: list of :class:`Opening`
        :return: the disputes, in the same order
        """
        every_line = [line_id for o in openings for line_id in o.lines.ids]
        openings = [
            opening._replace(
                lines=opening.lines.sudo().with_prefetch(every_line),
                amounts=self._drop_whole_amounts(opening.lines, opening.amounts),
            )
            for opening in openings
        ]
        for opening in openings:
            self._check_may_open(opening.lines)
        self._check_openings(openings)
        opened = self.sudo()._create_all(self._prepare_disputes(openings))
        opened._suspend({k: v for o in openings for k, v in o.amounts.items()})
        opened._take_out_of_reminders()
        opened._schedule_activity()
        opened._log_many(
            {
                dispute: self.env._(
                    "Dispute opened: %(reason)s", reason=dispute.reason_id.name
                )
                for dispute in opened
            }
        )
        return opened.with_env(self.env)

    @api.model
    def _create_all(self, values):
        """Create disputes; Odoo looks up the followers of many one by one, so these
        get them together."""
        if len(values) == 1:
            return self.create(values)
        opened = self.with_context(tracking_disable=True).create(values)
        opened = opened.with_env(self.env)
        for owner, disputes in opened.grouped("user_id").items():
            disputes.message_subscribe(owner.partner_id.ids)
        return opened

    def _add_items(self, lines, amounts=None):
        """Let an undecided dispute be about more items, and suspend them.

        :param lines: account.move.line of the same customer and company
        :param dict amounts: as in :meth:`_open`
        :raise UserError: with all that speaks against it
        """
        self.ensure_one()
        self.check_access("write")
        lines = lines.sudo()
        amounts = self._drop_whole_amounts(lines, amounts or {})
        self._check_can_add(lines)
        self._check_can_open(lines, amounts)
        self.sudo()._attach(lines, amounts)
        self._log(
            self.env._(
                "Added: %(items)s", items=", ".join(lines.move_id.mapped("name"))
            )
        )

    def _attach(self, lines, amounts):
        """Dispute and suspend these items too; nothing is checked."""
        if not self.line_ids:
            self.write(self._prepare_facts(lines, self.date_opened))
        prepare = self.env["ar.dispute.line"]._prepare_from_item
        added = self.line_ids.create(
            [
                {**prepare(line, amounts.get(line.id)), "dispute_id": self.id}
                for line in lines
            ]
        )
        self._suspend_lines(added, amounts)
        self._take_out_of_reminders()

    def _take_over(self, lines, amounts):
        """The invoice came back with other instalments: go on with those."""
        self.ensure_one()
        self._attach(lines, self._drop_whole_amounts(lines, amounts))
        self._log(
            self.env._(
                "%(invoice)s came back with other instalments: they are disputed.",
                invoice=lines.move_id.name,
            )
        )

    def _check_can_add(self, lines):
        if self.state not in UNDECIDED:
            raise UserError(
                self.env._(
                    "%(dispute)s is decided: reopen it, or open another dispute.",
                    dispute=self.name,
                )
            )
        customers = lines.partner_id.commercial_partner_id
        if customers - self.commercial_partner_id or lines.company_id - self.company_id:
            raise UserError(
                self.env._(
                    "%(dispute)s is about %(customer)s and %(company)s: only their "
                    "items can be added.",
                    dispute=self.name,
                    customer=self.commercial_partner_id.display_name,
                    company=self.company_id.name,
                )
            )

    def action_add_items(self):
        """Open the wizard with what else the customer owes."""
        self.ensure_one()
        self.check_access("write")
        items = self.env["ar.open.item"].search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("amount_residual", ">", 0),
            ]
        )
        lines = items.sudo().line_id
        disputed = self._get_undecided_by_line(lines)
        free = lines.filtered(lambda line: line.id not in disputed)
        if not free:
            raise UserError(
                self.env._(
                    "%(customer)s owes nothing that is not disputed already.",
                    customer=self.commercial_partner_id.display_name,
                )
            )
        return self.env["ar.dispute.open"]._launch(
            free,
            selected=False,
            dispute_id=self.id,
            reason_id=self.reason_id.id,
            description=self.description,
        )

    def _drop_whole_amounts(self, lines, amounts):
        """A part as large as the item is the item."""
        return {
            line.id: amounts[line.id]
            for line in lines.sudo()
            if line.id in amounts
            and line.currency_id.compare_amounts(
                amounts[line.id], line.amount_residual_currency
            )
        }

    def _check_can_open(self, lines, amounts):
        """Check the user's authority first: a refusal tells nothing about items."""
        self._check_may_open(lines)
        self._check_openings([Opening(lines, None, amounts, {})])

    def _check_openings(self, openings):
        lines = self.env["account.move.line"].sudo().browse()
        disputed = self._get_undecided_by_line(
            lines.union(*(opening.lines for opening in openings))
        )
        violations, seen = [], set()
        for opening in openings:
            violations += self._get_opening_violations(
                opening.lines, opening.amounts, disputed
            )
            violations += [
                self.env._("%(item)s was given twice.", item=line.move_id.name)
                for line in opening.lines
                if line.id in seen
            ]
            seen.update(opening.lines.ids)
        if violations:
            raise UserError("\n".join(violations))

    def _check_may_open(self, lines):
        self.check_access("write")
        if self.env.su or self.env.user.has_group(GROUP_COLLECTOR):
            return
        salespeople = [
            customer.user_id for customer in lines.partner_id.commercial_partner_id
        ]
        if any(salesperson != self.env.user for salesperson in salespeople):
            raise AccessError(
                self.env._("You may only dispute the items of your own customers.")
            )

    @api.model
    def _get_opening_violations(self, lines, amounts=None, disputed=None):
        """Return the sentences that speak against disputing these items.

        Hook: floors above call super and add theirs.

        :param lines: account.move.line with superuser rights
        :param dict amounts: as in :meth:`_open`
        :param dict disputed: as :meth:`_get_undecided_by_line` returns, of these lines
            and others; looked up where it is not given
        """
        if not lines:
            return [self.env._("Choose at least one open item to dispute.")]
        violations = self._get_scope_violations(lines)
        if disputed is None:
            disputed = self._get_undecided_by_line(lines)
        for line in lines:
            violations += line._ar_get_undisputable_reasons()
            if line.id in disputed:
                violations.append(
                    self.env._(
                        "%(item)s is disputed already by %(dispute)s.",
                        item=line.move_id.name,
                        dispute=disputed[line.id].name,
                    )
                )
        return violations + self._get_amount_violations(lines, amounts or {})

    def _get_scope_violations(self, lines):
        violations = []
        if len(lines.company_id) > 1 or len(lines.partner_id.commercial_partner_id) > 1:
            violations.append(
                self.env._(
                    "A dispute is about items of one customer in one company: choose "
                    "them one customer and company at a time."
                )
            )
        for company in lines.company_id:
            if company not in self.env.companies:
                violations.append(
                    self.env._(
                        "The item belongs to %(company)s: switch to it first.",
                        company=company.name,
                    )
                )
            elif not company.ar_dispute_active:
                violations.append(
                    self.env._(
                        "Disputes are switched off for %(company)s. They are switched "
                        "on in the settings of Invoicing.",
                        company=company.name,
                    )
                )
        return violations

    def _get_amount_violations(self, lines, amounts):
        return [
            self.env._(
                "%(item)s: the disputed amount must be above zero and at most the open "
                "%(open)s.",
                item=line.move_id.name,
                open=line.currency_id.format(line.amount_residual_currency),
            )
            for line in lines.filtered(lambda line: line.id in amounts)
            if not 0 < amounts[line.id] <= line.amount_residual_currency
        ]

    @api.model
    def _get_undecided_by_line(self, lines):
        """Return {line id: the undecided dispute about it}, in one query."""
        undecided = (
            self.env["ar.dispute.line"]
            .sudo()
            .search([("line_id", "in", lines.ids), ("is_open", "=", True)])
        )
        return {line.line_id.id: line.dispute_id for line in undecided}

    def _prepare_disputes(self, openings):
        """Return the values of each dispute, numbers and routes looked up together."""
        by_company = {}
        for opening in openings:
            by_company.setdefault(opening.lines.company_id, []).append(opening)
        numbers = {
            company: iter(self._next_numbers(company, len(of_company)))
            for company, of_company in by_company.items()
        }
        routes = {
            company: self.env["ar.dispute.route"]._get_routes(company)
            for company in by_company
        }
        get_deadline = functools.cache(self.env["ar.dispute.reason"]._get_deadline_in)
        return [
            {
                **self._prepare_dispute(
                    opening,
                    next(numbers[opening.lines.company_id]),
                    routes[opening.lines.company_id],
                    get_deadline,
                ),
                **opening.details,
            }
            for opening in openings
        ]

    def _prepare_dispute(self, opening, number, routes, get_deadline):
        lines = opening.lines
        reason = opening.reason.with_env(self.env)
        company = lines.company_id
        products = self._get_invoiced_products(lines)
        handling = routes._get_handling(reason, company, products, lines)
        prepare = self.env["ar.dispute.line"]._prepare_from_item
        today = company._ar_today()
        return {
            **self._prepare_facts(lines, today),
            "name": number,
            "company_id": company.id,
            "commercial_partner_id": lines.partner_id.commercial_partner_id.id,
            "reason_id": reason.id,
            "user_id": handling.owner.id,
            "escalation_user_id": handling.escalation_user.id,
            "date_opened": today,
            "date_deadline": get_deadline(company, handling.deadline_days),
            "line_ids": [
                fields.Command.create(prepare(line, opening.amounts.get(line.id)))
                for line in lines
            ],
        }

    @api.model
    def _prepare_facts(self, lines, opened_on):
        """Return what the first items say of a dispute. Hook: call super, add others.

        :param lines: account.move.line with superuser rights
        """
        products = self._get_invoiced_products(lines)
        first_due = min(line.date_maturity or line.date for line in lines)
        return {
            "salesperson_id": lines.move_id.invoice_user_id[:1].id,
            "product_id": products.id if len(products) == 1 else False,
            "is_raised_late": first_due < opened_on,
        }

    @api.model
    def _get_invoiced_products(self, lines):
        """Return the products on the invoices of these items."""
        invoiced = lines.move_id.invoice_line_ids
        return invoiced.filtered(lambda line: line.display_type == "product").product_id

    @api.model
    def _next_numbers(self, company, count):
        """Return so many numbers of a company's disputes, drawn at once; one by one
        where the numbering must have no gaps."""
        today = company._ar_today()
        sequence = self._get_sequence(company)
        numbers = [sequence.next_by_id(sequence_date=today)]
        if count > 1 and sequence.implementation == "standard":
            return numbers + self._draw_numbers(sequence, today, count - 1)
        while len(numbers) < count:
            numbers.append(sequence.next_by_id(sequence_date=today))
        return numbers

    @api.model
    def _get_sequence(self, company):
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .search(
                [
                    ("code", "=", "ar.dispute"),
                    ("company_id", "in", (company.id, False)),
                ],
                order="company_id",
                limit=1,
            )
        )
        if not sequence:
            raise UserError(
                self.env._(
                    "%(company)s has no sequence with the code ar.dispute to number "
                    "disputes: create one under Settings > Technical > Sequences.",
                    company=company.name,
                )
            )
        return sequence

    @api.model
    def _draw_numbers(self, sequence, today, count):
        # Core draws one number a query; its PostgreSQL sequence gives many.
        name = f"ir_sequence_{sequence.id:03d}"
        years = sequence._get_current_sequence(today)
        if years != sequence:
            name += f"_{years.id:03d}"
            sequence = sequence.with_context(ir_sequence_date_range=years.date_from)
        rows = self.env.execute_query(
            SQL("SELECT nextval(%s) FROM generate_series(1, %s)", name, count)
        )
        return [sequence.get_next_char(number) for (number,) in rows]

    def _suspend(self, amounts):
        """Suspend what is disputed.

        :param dict amounts: {line id: amount in the currency of the line} of those of
            which only a part is suspended
        """
        self._suspend_lines(self.line_ids, amounts)

    def _suspend_lines(self, disputed, amounts):
        """As :meth:`_suspend`, for some lines of these disputes."""
        self.env["ar.suspension"].sudo()._suspend_each(
            [
                (
                    (disputed & dispute.line_ids).line_id,
                    dispute,
                    self.env._(
                        "Dispute %(number)s: %(reason)s",
                        number=dispute.name,
                        reason=dispute.reason_id.name,
                    ),
                )
                for dispute in self
            ],
            "dispute",
            amounts=amounts,
        )

    def _take_out_of_reminders(self):
        """Reminders that are not sent yet no longer ask for what is disputed."""
        reminders = self.env["ar.dunning.reminder"].sudo()
        reminders.search(
            [
                ("state", "in", OPEN_STATES),
                ("line_ids.line_id", "in", self.line_ids.line_id.ids),
            ]
        )._recheck()

    def _schedule_activity(self):
        """Ask the owners for an answer by the deadline."""
        asked = self.filtered("user_id").grouped(
            lambda dispute: (dispute.date_deadline, dispute.user_id, dispute.reason_id)
        )
        for (deadline, owner, reason), disputes in asked.items():
            disputes.activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=deadline,
                user_id=owner.id,
                summary=reason.name,
            )
