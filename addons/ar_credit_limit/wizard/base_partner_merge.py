from odoo import models
from odoo.tools import SQL


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Odoo's merge deletes rows that collide in a unique key. The one row of ours
        with such a key is added up before; decisions have none and just move."""
        self._merge_credit_accounts(src_partners, dst_partner)
        self._inherit_credit_head(src_partners, dst_partner)
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._straighten_credit_heads(dst_partner)
        return result

    def _inherit_credit_head(self, src_partners, dst_partner):
        """Who shared a limit goes on doing so. By SQL: it is nobody's decision."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner kept SET ar_credit_head_id = merged.head_id
                     FROM (SELECT MIN(ar_credit_head_id) AS head_id FROM res_partner
                            WHERE id = ANY(%(src)s)
                              AND ar_credit_head_id != ALL(%(all)s)) merged
                    WHERE kept.id = %(dst)s AND merged.head_id IS NOT NULL
                      AND kept.ar_credit_head_id IS NULL""",
                src=src_partners.ids,
                all=[*src_partners.ids, dst_partner.id],
                dst=dst_partner.id,
            )
        )

    def _straighten_credit_heads(self, dst_partner):
        """Nobody is the own head, and no head shares another one's limit."""
        self.env.cr.execute(
            SQL(
                "UPDATE res_partner SET ar_credit_head_id = NULL"
                " WHERE id = %(dst)s AND ar_credit_head_id = %(dst)s",
                dst=dst_partner.id,
            )
        )
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner member SET ar_credit_head_id = NULLIF(
                          head.ar_credit_head_id, member.id)
                     FROM res_partner head
                    WHERE head.id = %s AND head.ar_credit_head_id IS NOT NULL
                      AND member.ar_credit_head_id = head.id""",
                dst_partner.id,
            )
        )
        self.env["res.partner"].invalidate_model(["ar_credit_head_id"])

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
