from odoo.addons.ar_ledger.tests.common import ReceivablesCommon


class DisputeCommon(ReceivablesCommon):
    """Disputes switched on in ``company``, off in ``company_b``."""

    switches = {**ReceivablesCommon.switches, "ar_dispute_active": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env.ref("ar_dispute.ar_dispute_reason_price")
        cls.reason.user_id = False
        cls.cause = cls.env.ref("ar_dispute.ar_dispute_cause_master_data")
        cls.accountant = cls.new_user("accountant", "account.group_account_invoice")

    @classmethod
    def dispute(cls, moves, amount=None, user=None, **details):
        """Open a dispute about all open items of moves.

        :param amount: the disputed part of each of them
        """
        lines = cls.receivable_lines(moves)
        amounts = {} if amount is None else dict.fromkeys(lines.ids, amount)
        disputes = cls.env["ar.dispute"].with_user(user or cls.accountant)
        return disputes._open(lines, cls.reason, amounts=amounts, details=details)

    def events(self, dispute):
        return self.env["ar.event"].search(
            [("source_model", "=", "ar.dispute"), ("source_id", "=", dispute.id)],
            order="id",
        )

    def suspensions(self, dispute):
        return dispute._get_suspensions()
