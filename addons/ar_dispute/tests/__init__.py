from . import (
    test_access,
    test_bad_input,
    test_deadline,
    test_dunning,
    test_invoice,
    test_ladder,
    test_opening,
    test_settling,
    test_suspension,
    test_tour,
    test_transitions,
    test_wizard,
)
