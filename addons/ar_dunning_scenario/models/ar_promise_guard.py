from odoo import api, fields, models
from odoo.tools import SQL


class ArPromiseGuard(models.Model):
    """The row that two promises for one item collide on.

    Two people who record a promise at the same moment each see none: under REPEATABLE
    READ each decides on its own snapshot. A promise changes this row, so the rival gets
    a serialization failure, and Odoo's retry shows it the promise there is.
    """

    _name = "ar.promise.guard"
    _description = "Guard of an Item's Promise"
    _log_access = False
    _rec_name = "line_id"

    line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade"
    )
    decision_no = fields.Integer(required=True, readonly=True, default=0)

    _line_unique = models.UniqueIndex("(line_id)")

    @api.model
    def _serialize(self, lines):
        """Let nobody else promise these items at the same time.

        To be called before it is asked what is promised already. One query; the order
        of the rows is fixed, so that two promises cannot wait for each other.

        :raise SerializationFailure: somebody else promised since this transaction began
        """
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_promise_guard AS guard (line_id, decision_no)
                   SELECT line_id, 1
                     FROM unnest(%s::int[]) WITH ORDINALITY AS asked(line_id, position)
                 ORDER BY position
              ON CONFLICT (line_id)
                DO UPDATE SET decision_no = guard.decision_no + 1""",
                sorted(lines.ids),
            ),
            # The rival's failure is the purpose of this row, and Odoo retries it.
            log_exceptions=False,
        )
