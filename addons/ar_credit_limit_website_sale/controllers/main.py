from odoo.addons.website_sale.controllers.main import WebsiteSale


class WebsiteSaleCredit(WebsiteSale):
    def _get_shop_payment_values(self, order, **kwargs):
        values = super()._get_shop_payment_values(order, **kwargs)
        return {**values, "ar_credit_foreword": order._get_credit_foreword()}

    def _prepare_shop_payment_confirmation_values(self, order):
        values = super()._prepare_shop_payment_confirmation_values(order)
        return {**values, "ar_credit_notice": order._get_credit_notice()}
