from . import (
    test_access,
    test_deadline,
    test_invoice,
    test_opening,
    test_settling,
    test_suspension,
    test_transitions,
    test_wizard,
)
