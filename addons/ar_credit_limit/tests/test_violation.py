import doctest

from ..tools import exposure, violation


def load_tests(_loader, tests, _pattern):
    tests.addTests(doctest.DocTestSuite(violation))
    tests.addTests(doctest.DocTestSuite(exposure))
    return tests
