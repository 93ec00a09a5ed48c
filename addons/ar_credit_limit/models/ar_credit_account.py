from odoo import api, fields, models
from odoo.tools import SQL


class ArCreditAccount(models.Model):
    """The row that two decisions about one customer's credit collide on.

    Under REPEATABLE READ a lock that changes nothing lets the waiting transaction
    decide on its old snapshot, and locking the customer collides with every posting.
    A decision changes this row instead: its rival gets a serialization failure, and
    Odoo's retry gives it a fresh snapshot.
    """

    _name = "ar.credit.account"
    _description = "Credit Account"
    _log_access = False
    _rec_name = "commercial_partner_id"

    commercial_partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    decision_no = fields.Integer(required=True, readonly=True, default=0)

    # The merge of customers is extended (wizard/base_partner_merge.py): it adds the
    # rows up before Odoo's own merge would delete those that collide.
    _customer_company_unique = models.UniqueIndex("(commercial_partner_id, company_id)")

    @api.model
    def _serialize(self, partners, company):
        """Let nobody else decide on the credit of these customers at the same time.

        To be called before the figures are read. One query; the order of the rows is
        fixed, so that two batches cannot wait for each other.

        :param partners: res.partner, commercial partners
        :param company: res.company; its root is meant
        :raise SerializationFailure: somebody else decided since this transaction began
        """
        partner_ids = sorted(set(partners.ids))
        if not partner_ids:
            return
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_credit_account AS account
                          (commercial_partner_id, company_id, decision_no)
                   SELECT partner_id, %s, 1
                     FROM unnest(%s) WITH ORDINALITY AS asked(partner_id, position)
                 ORDER BY position
              ON CONFLICT (commercial_partner_id, company_id)
                DO UPDATE SET decision_no = account.decision_no + 1""",
                company.root_id.id,
                partner_ids,
            ),
            # The rival's failure is the purpose of this row, and Odoo retries it.
            log_exceptions=False,
        )
