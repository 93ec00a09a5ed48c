from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import ormcache

#: Terms are compared by what they make of an invoice of this day, the first of a month
#: of 31 days.
REFERENCE = date(2001, 1, 1)


class CreditTerms(NamedTuple):
    """How long terms let a customer wait at most, and the discount for early payment,
    in percent."""

    days: int = 0
    discount: float = 0.0


#: Without terms an invoice is due at once.
AT_ONCE = CreditTerms()


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        self.env.registry.clear_cache()
        return created

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.model
    @ormcache()
    def _get_credit_terms(self) -> dict[int, CreditTerms]:
        """Return what all payment terms come to, by id; cached."""
        terms = self.sudo().with_context(active_test=False).search(Domain.TRUE)
        return {term.id: term._as_credit_terms() for term in terms}

    def _as_credit_terms(self):
        self.ensure_one()
        dues = [
            fields.Date.to_date(line._get_due_date(REFERENCE)) for line in self.line_ids
        ]
        days = (max(dues, default=REFERENCE) - REFERENCE).days
        discount = self.discount_percentage if self.early_discount else 0.0
        return CreditTerms(days, discount)


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    @api.model_create_multi
    def create(self, vals_list):
        created = super().create(vals_list)
        self.env.registry.clear_cache()
        return created

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_forget_credit_terms(self):
        self.env.registry.clear_cache()
