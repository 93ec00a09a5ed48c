import doctest

from ..tools import violation


def load_tests(_loader, tests, _pattern):
    tests.addTests(doctest.DocTestSuite(violation))
    return tests
