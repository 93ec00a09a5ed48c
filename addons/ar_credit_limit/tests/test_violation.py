import doctest

from ..tools import exposure, policy, violation


def load_tests(_loader, tests, _pattern):
    for module in (exposure, policy, violation):
        tests.addTests(doctest.DocTestSuite(module))
    return tests
