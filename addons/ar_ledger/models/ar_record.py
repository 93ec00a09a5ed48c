from odoo import api, models
from odoo.exceptions import AccessError

#: Only code that holds this very object can write. A client can forge the key of a
#: context, never the object.
_CODE = object()

#: What the chatter writes on records: open to all who read them.
THREAD_FIELDS = frozenset(
    (
        "activity_ids",
        "message_follower_ids",
        "message_ids",
        "message_main_attachment_id",
    )
)


class ArRecord(models.AbstractModel):
    """What was decided or done: written by the suite's own code, by nobody's hand.

    No role makes, changes or deletes such a record, over RPC neither; code does so on
    the recordset that :meth:`_by_code` returns.
    """

    _name = "ar.record"
    _description = "Record Not Written by Hand"

    #: What people may write all the same.
    _open_fields = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        self._check_written_by_code()
        return super().create(vals_list)

    def write(self, vals):
        if not self._open_fields.issuperset(vals):
            self._check_written_by_code()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_written_by_code()

    def _check_written_by_code(self):
        if self.env.context.get(f"{self._table}_by_code") is not _CODE:
            raise AccessError(self._get_by_hand_text())

    def _by_code(self):
        return self.sudo().with_context(**{f"{self._table}_by_code": _CODE})

    @api.model
    def _get_by_hand_text(self):
        """Return what is said to who tries by hand. Hook: how it is done instead."""
        return self.env._("This is on record: it is not written by hand.")
