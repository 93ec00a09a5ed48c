"""The figures of a moment, as a decision keeps them."""

from odoo import models

from ..tools.exposure import NO_EXPOSURE


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _get_moment_figures(self, company):
        """Return what a decision on these customers keeps of its moment, in two
        queries. No access check.

        :param company: res.company; its root is meant
        :return: {commercial partner id: dict of ``exposure``, ``overdue``, ``limit``,
            ``limit_state`` and the ``currency`` that they are in}
        """
        company = company.root_id
        exposures = self._get_exposure(company)
        limits = self.env["ar.credit.limit"].sudo()._get_in_force(self, company)
        figures = {}
        for customer in self:
            exposure = exposures.get(customer.id, NO_EXPOSURE)
            limit = limits[customer.id]
            figures[customer.id] = {
                "exposure": exposure.total,
                "overdue": exposure.overdue,
                "limit": limit.amount,
                "limit_state": limit.state,
                "currency": company.currency_id.name,
            }
        return figures
