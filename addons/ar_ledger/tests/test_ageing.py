import doctest

from odoo.tests import TransactionCase, tagged

from ..tools import ageing


@tagged("post_install", "-at_install")
class TestAgeing(TransactionCase):
    def test_examples_in_the_docstrings(self):
        result = doctest.testmod(ageing)
        self.assertTrue(result.attempted)
        self.assertFalse(result.failed)

    def test_sql_and_python_agree_on_every_day(self):
        """One table, two readings: each day falls in the same bucket in both."""
        days = list(range(-3, 200))
        rows = self.env.execute_query(
            ageing.SQL(
                "SELECT day, %s FROM unnest(%s) AS day",
                ageing.bucket_sql(ageing.SQL("day")),
                days,
            )
        )
        self.assertEqual(dict(rows), {day: ageing.bucket_of(day) for day in days})

    def test_every_bucket_is_reached(self):
        reached = {ageing.bucket_of(days) for days in range(-1, 182)}
        self.assertEqual(reached, {key for key, _label, _last in ageing.BUCKETS})
