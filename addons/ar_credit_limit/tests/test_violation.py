import doctest

from ..tools import policy, violation


def load_tests(_loader, tests, _pattern):
    for module in (policy, violation):
        tests.addTests(doctest.DocTestSuite(module))
    return tests
