from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _log_merge_operation(self, src_partners, dst_partner):
        """The journal tells why events of another name stand under this customer."""
        self.env["ar.event"]._log(
            "merge",
            dst_partner,
            self.env.company.root_id,
            self.env._(
                "Merged into %(customer)s: %(others)s",
                customer=dst_partner.display_name,
                others=", ".join(src_partners.mapped("display_name")),
            ),
            figures={"merged_ids": src_partners.ids},
            source=dst_partner,
        )
        return super()._log_merge_operation(src_partners, dst_partner)
