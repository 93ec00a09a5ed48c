import hashlib
import json

from psycopg2.errors import UniqueViolation

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import mute_logger

from .ar_record import THREAD_FIELDS
from .res_partner import GROUP_COLLECTOR

ACTIVITY_TYPE = "mail.mail_activity_data_todo"
#: Kinds that are about items: at least one has to be chosen.
ABOUT_ITEMS = frozenset(("paid", "in_process", "copy", "not_mine", "received"))
#: What a customer may write at most.
MOST_CHARACTERS = 5_000
MOST_ITEMS = 500


class ArAnswer(models.Model):
    """What a customer answered on the account page: kept as given, a proposal until a
    rule or a collector has decided.

    The answer itself never changes. A collector who accepts something else than what
    was said writes that beside it.
    """

    _name = "ar.answer"
    _description = "Answer of a Customer"
    _inherit = ["ar.record", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _open_fields = THREAD_FIELDS
    _order = "id desc"

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, ondelete="set null"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    link_id = fields.Many2one(
        "ar.link",
        readonly=True,
        ondelete="set null",
        help="The signed link it was given through. None: in the portal.",
    )
    kind = fields.Selection(
        [
            ("paid", "Has paid"),
            ("in_process", "Is working on it"),
            ("copy", "Wants a copy"),
            ("not_mine", "Does not know the invoice"),
            ("contact", "Names another contact"),
            ("received", "Has received it"),
        ],
        required=True,
        readonly=True,
    )
    given_on = fields.Datetime(required=True, readonly=True)
    day = fields.Date(
        readonly=True, help="The day the customer names: paid on, will pay on."
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What the customer names; of all chosen items together."
    )
    text = fields.Text(string="Remark", readonly=True)
    contact_name = fields.Char(readonly=True)
    contact_email = fields.Char(readonly=True)
    contact_phone = fields.Char(readonly=True)
    line_ids = fields.One2many(
        "ar.answer.line", "answer_id", string="Items", readonly=True
    )
    attachment_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        string="Files",
        domain=[("res_model", "=", "ar.answer")],
        readonly=True,
    )
    state = fields.Selection(
        [
            ("new", "To Decide"),
            ("accepted", "Accepted"),
            ("corrected", "Corrected"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
        default="new",
        index=True,
        tracking=True,
        help="To decide: a collector has to look at it.\n"
        "Accepted: by a rule or by a collector, as given.\n"
        "Corrected: accepted with another day, amount or other items.\n"
        "Refused: nothing follows; the customer reads why.",
    )
    decided_on = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decision_text = fields.Char(
        string="Reason",
        readonly=True,
        help="The customer reads it on the account page.",
    )
    decided_day = fields.Date(string="Corrected Day", readonly=True)
    decided_amount = fields.Monetary(string="Corrected Amount", readonly=True)
    result = fields.Char(readonly=True, help="What followed from it.")
    waits_because = fields.Text(
        readonly=True, help="Why no rule accepted it: what a collector should look at."
    )
    fingerprint = fields.Char(required=True, readonly=True)

    _fingerprint_unique = models.UniqueIndex("(fingerprint)")

    @api.depends("kind", "commercial_partner_id")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for answer in self:
            customer = answer.commercial_partner_id.display_name
            answer.display_name = f"{customer}: {kinds.get(answer.kind)}"

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "What a customer answered is neither written, changed nor deleted by hand: "
            "accept, correct or refuse it."
        )

    # -- Giving ------------------------------------------------------------------------

    @api.model
    def _give(self, contact, company, kind, said, *, files=(), link=None):
        """Keep an answer, and do at once what a rule allows.

        No access check: the caller has decided who speaks for the customer. The same
        answer twice a day is one.

        :param contact: res.partner who answers
        :param company: root res.company
        :param str kind: a key of :attr:`kind`
        :param dict said: ``items`` (ids of open items), ``day``, ``amount`` (None: not
            said), ``text``, ``contact_name``, ``contact_email``, ``contact_phone``, and
            what floors above know
        :param files: list of (name, bytes)
        :param link: the ar.link it came through
        :return: the answer; an empty set where it was given before
        :raise UserError: with all that speaks against it
        """
        answers = self.with_user(SUPERUSER_ID).with_company(company)
        items = answers._find_items(contact, company, said.get("items", ()))
        problems = answers._get_problems(kind, company, items, said)
        if problems:
            raise UserError("\n".join(problems))
        values = answers._prepare_answer(contact, company, kind, items, said)
        values.update(
            fingerprint=answers._take_fingerprint(values, items, company, files),
            link_id=link.id if link else False,
        )
        answer = answers._create_once(values, items)
        if answer:
            answer._keep_files(files)
            answer._log(self.env._("Answered"))
            answer._receive(said)
        return answer

    @api.model
    def _find_items(self, contact, company, item_ids):
        """Return those of the items that are open and the customer's."""
        page = self.env["ar.account.page"]
        domain = page._get_domain(contact.commercial_partner_id, company)
        wanted = Domain("id", "in", list(item_ids)[:MOST_ITEMS])
        return self.env["ar.open.item"].search(domain & wanted)

    @api.model
    def _get_problems(self, kind, company, items, said):
        """Return the sentences that say why this cannot be answered, for the customer.
        Hook: call super, append."""
        problems = []
        if kind not in dict(self._fields["kind"]._description_selection(self.env)):
            return [self.env._("Choose what you want to tell us.")]
        if len(items) != len(set(said.get("items", ()))):
            problems.append(
                self.env._(
                    "Something you chose has been paid or changed meanwhile. Please "
                    "choose again."
                )
            )
        elif kind in self._get_kinds_about_items() and not items:
            problems.append(self.env._("Choose at least one item."))
        if len(said.get("text") or "") > MOST_CHARACTERS:
            problems.append(self.env._("The text is too long: send it as a file."))
        return (
            problems
            + self._get_day_problems(kind, company, said)
            + self._get_amount_problems(items, said)
            + self._get_contact_problems(kind, said)
        )

    @api.model
    def _get_kinds_about_items(self):
        """Return the kinds for which items have to be chosen. Hook."""
        return ABOUT_ITEMS

    @api.model
    def _get_day_problems(self, kind, company, said):
        if kind != "paid":
            return []
        if not said.get("day"):
            return [self.env._("Enter the day on which you paid.")]
        if said["day"] > company._ar_today():
            return [
                self.env._(
                    "That day is still to come: enter the day on which you paid."
                )
            ]
        return []

    @api.model
    def _get_amount_problems(self, items, said):
        amount = said.get("amount")
        if amount is None:
            return []
        currency = items.currency_id
        if len(currency) != 1:
            return [
                self.env._("Leave the amount empty, or choose items of one currency.")
            ]
        if currency.compare_amounts(amount, 0) <= 0:
            return [self.env._("Enter an amount above zero, or leave it empty.")]
        total = sum(items.mapped("amount_residual_currency"))
        if currency.compare_amounts(amount, total) > 0:
            return [
                self.env._(
                    "Only %(open)s is open of what you chose.",
                    open=currency.format(total),
                )
            ]
        return []

    @api.model
    def _get_contact_problems(self, kind, said):
        if kind != "contact":
            return []
        if not said.get("contact_name") or not said.get("contact_email"):
            return [self.env._("Enter the name and the e-mail address of the contact.")]
        return []

    @api.model
    def _prepare_answer(self, contact, company, kind, items, said):
        """Return the values of an answer. Hook: call super, add yours."""
        currency = items.currency_id
        return {
            "commercial_partner_id": contact.commercial_partner_id.id,
            "partner_id": contact.id,
            "company_id": company.id,
            "kind": kind,
            "given_on": fields.Datetime.now(),
            "day": said.get("day"),
            "amount": said.get("amount") or 0.0,
            "currency_id": currency.id if len(currency) == 1 else False,
            "text": said.get("text"),
            "contact_name": said.get("contact_name"),
            "contact_email": said.get("contact_email"),
            "contact_phone": said.get("contact_phone"),
        }

    @api.model
    def _prepare_line(self, item):
        return {
            "line_id": item.line_id.id,
            "move_id": item.move_id.id,
            "number": item.move_name,
            "due_date": item.date_maturity,
            "currency_id": item.currency_id.id,
            "amount_open": item.amount_residual_currency,
        }

    @api.model
    def _take_fingerprint(self, values, items, company, files):
        """Return what two answers have in common that are the same, on one day."""
        said = {key: value for key, value in values.items() if key != "given_on"}
        parts = [
            json.dumps({**said, "items": items.ids}, sort_keys=True, default=str),
            company._ar_today().isoformat(),
            *(hashlib.sha256(content).hexdigest() for _name, content in files),
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @api.model
    def _create_once(self, values, items):
        """Create the answer unless it is there, also when both are given at once."""
        if self.search_count([("fingerprint", "=", values["fingerprint"])], limit=1):
            return self.browse()
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                answer = self._by_code().create(values).with_env(self.env)
                lines = [
                    {**self._prepare_line(item), "answer_id": answer.id}
                    for item in items
                ]
                self.env["ar.answer.line"]._by_code().create(lines)
                return answer
        except UniqueViolation:
            return self.browse()

    def _keep_files(self, files):
        self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                }
                for name, content in files
            ]
        )

    def _receive(self, said):
        """Accept it by rule, or leave it to the collector."""
        reason = self._get_reason_to_wait(said)
        if reason:
            self._by_code().waits_because = reason
            self._rest()
            self._tell_collector()
        else:
            self._conclude("accepted", self._apply())

    def _get_reason_to_wait(self, said):
        """Return why a collector has to decide, or None where a rule accepts it. Hook:
        each floor answers for its own kinds and calls super for others.

        :param dict said: as of :meth:`_give`
        """
        if self.kind == "received" or (self.kind == "copy" and self._get_address()):
            return None
        return self.env._("Answers of this kind are looked at by a collector.")

    def _tell_collector(self):
        customer = self.commercial_partner_id.with_company(self.company_id)
        if not customer.ar_collector_id:
            return
        self.activity_schedule(
            ACTIVITY_TYPE,
            user_id=customer.ar_collector_id.id,
            summary=self.env._("The customer answered"),
        )

    # -- Deciding ----------------------------------------------------------------------

    def action_accept(self):
        """Accept answers as they were given."""
        self._check_may_decide()
        for answer in self.sudo():
            answer._conclude("accepted", answer._apply())

    def action_correct(self):
        return self._open_decision("correct", self.env._("Correct"))

    def action_refuse(self):
        return self._open_decision("refuse", self.env._("Refuse"))

    def action_open_items(self):
        """Drill down: the items as they are now."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Items"),
            "res_model": "ar.open.item",
            "views": [[False, "list"]],
            "domain": [("id", "in", self.sudo().line_ids.line_id.ids)],
        }

    def _open_decision(self, decision, title):
        self.ensure_one()
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "ar.answer.decide",
            "views": [[False, "form"]],
            "target": "new",
            "context": {
                "default_answer_id": self.id,
                "default_decision": decision,
                "default_day": self.day,
                "default_amount": self.amount,
            },
        }

    def _check_may_decide(self):
        """:raise AccessError: the user is no collector of the company
        :raise UserError: somebody decided before"""
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(self.env._("Only collectors decide on answers."))
        self.check_access("read")
        decided = self.filtered(lambda answer: answer.state != "new")
        if decided:
            raise UserError(
                self.env._(
                    "Decided already: %(answers)s.",
                    answers=", ".join(decided.mapped("display_name")),
                )
            )

    def _correct(self, day, amount, lines, text):
        """Accept something else than what was said.

        :param lines: the ar.answer.line it is accepted for
        :param float amount: 0: the whole
        """
        self._check_may_decide()
        answer = self.sudo()
        (answer.line_ids - lines.sudo())._by_code().is_taken = False
        answer._by_code().write(
            {"decided_day": day, "decided_amount": amount, "decision_text": text}
        )
        answer._conclude("corrected", answer._apply())

    def _refuse(self, text):
        self._check_may_decide()
        answer = self.sudo()
        answer._wake()
        answer._by_code().decision_text = text
        answer._conclude("refused", "")

    def _conclude(self, state, result):
        """Put the decision on record."""
        self._by_code().write(
            {
                "state": state,
                "result": result,
                "decided_on": fields.Datetime.now(),
                "decided_by_id": self.env.uid,
            }
        )
        self.activity_feedback([ACTIVITY_TYPE])
        states = dict(self._fields["state"]._description_selection(self.env))
        self._log(". ".join(filter(None, [states[state], self.decision_text, result])))

    # -- Journal -----------------------------------------------------------------------

    def _log(self, text):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        self.env["ar.event"]._log(
            "answer",
            self.commercial_partner_id,
            self.company_id,
            f"{kinds[self.kind]}: {text}",
            figures=self._get_figures(),
            source=self,
        )

    def _get_figures(self):
        return {
            "items": self.line_ids.mapped("number"),
            "open": sum(self.line_ids.mapped("amount_open")),
            "day": fields.Date.to_string(self.decided_day or self.day),
            "amount": self.decided_amount or self.amount,
            "currency": self.currency_id.name or "",
        }
