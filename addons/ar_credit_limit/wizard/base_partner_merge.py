from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Odoo's merge deletes rows that collide in a unique key. The one row of ours
        with such a key is added up before; decisions have none and just move."""
        self._merge_credit_accounts(src_partners, dst_partner)
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _merge_credit_accounts(self, src_partners, dst_partner):
        """Keep one row per company, with all decisions counted."""
        self.env.cr.execute(
            SQL(
                """UPDATE ar_credit_account account
                      SET decision_no = account.decision_no + src.decision_no
                     FROM (SELECT company_id, SUM(decision_no)::int AS decision_no
                             FROM ar_credit_account
                            WHERE commercial_partner_id = ANY(%(src)s)
                         GROUP BY company_id) src
                    WHERE account.company_id = src.company_id
                      AND account.commercial_partner_id = %(dst)s""",
                src=src_partners.ids,
                dst=dst_partner.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """DELETE FROM ar_credit_account account
                    USING ar_credit_account kept
                    WHERE account.commercial_partner_id = ANY(%(src)s)
                      AND kept.company_id = account.company_id
                      AND (kept.commercial_partner_id = %(dst)s
                           OR (kept.commercial_partner_id = ANY(%(src)s)
                               AND kept.id < account.id))""",
                src=src_partners.ids,
                dst=dst_partner.id,
            )
        )

    def _update_values(self, src_partners, dst_partner):
        # Core's limit was merged by SQL: from the cache it would look changed by hand.
        self.env.invalidate_all()
        return super()._update_values(src_partners, dst_partner)

    def _log_merge_operation(self, src_partners, dst_partner):
        """The newest limit of all is in force now; holds are looked at again."""
        grants = self.env["ar.credit.limit"].sudo()
        grants = grants.search([("commercial_partner_id", "=", dst_partner.id)])
        grants._follow()
        holds = self.env["ar.credit.hold"].sudo()
        holds = holds.search([("commercial_partner_id", "=", dst_partner.id)])
        for company in grants.company_id | holds.company_id:
            self.env["ar.recheck"]._add(dst_partner.ids, company)
        return super()._log_merge_operation(src_partners, dst_partner)
