from odoo import fields, models

from .account_move_line import DELAY_CAUSES


class ArDunningCallResult(models.Model):
    """How a call ended, and what follows from it."""

    _name = "ar.dunning.call.result"
    _description = "Result of a Call"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    outcome = fields.Selection(
        [
            ("promise", "A promise is recorded"),
            ("dispute", "Somebody clears the dispute"),
            ("reached", "The next step comes in its time"),
            ("again", "Call again"),
            ("contact", "Somebody repairs the contact, then call again"),
        ],
        string="What Follows",
        required=True,
        help="A promise: the collector enters it at once.\n"
        "A dispute: it goes into the journal, and the responsible person gets a task.\n"
        "Next step: the call is done.\n"
        "Call again: the call stays open; after the last try the next step comes.\n"
        "Contact: as call again, and the responsible person gets a task.",
    )
    retry_days = fields.Integer(
        string="Again After Days", default=2, help="Proposed day of the next call."
    )
    retry_max = fields.Integer(
        string="Tries",
        default=3,
        help="After so many calls without an answer the call counts as done, and the "
        "next step comes in its time.",
    )
    delay_cause = fields.Selection(
        DELAY_CAUSES,
        string="Cause of Delay",
        help="Proposed for the items that the call was about.",
    )

    _tries_valid = models.Constraint(
        "CHECK (retry_days BETWEEN 0 AND 366 AND retry_max >= 1)",
        "There is at least one try, and the next one is not in the past.",
    )
