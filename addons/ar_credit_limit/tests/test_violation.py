import doctest

from odoo.tests import BaseCase, tagged

from ..tools import exposure, policy, violation


@tagged("post_install", "-at_install")
class TestExamples(BaseCase):
    """The examples in the docstrings of the plain Python."""

    def test_they_are_true(self):
        for module in (exposure, policy, violation):
            with self.subTest(module.__name__):
                result = doctest.testmod(module)
                self.assertTrue(result.attempted)
                self.assertFalse(result.failed)
