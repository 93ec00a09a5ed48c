from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestSelections(CreditCommon):
    def test_the_client_knows_every_choice(self):
        """A selection given as anything but a list has no choices in the client, and
        the form that shows its value breaks."""
        for name in ("res.partner", "sale.order", "ar.position", "ar.credit.policy"):
            model = self.env[name]
            for field in model._fields.values():
                if field.type != "selection" or "ar_credit_limit" not in field._modules:
                    continue
                with self.subTest(f"{name}.{field.name}"):
                    described = model.fields_get([field.name], ["selection"])
                    self.assertTrue(described[field.name]["selection"])
