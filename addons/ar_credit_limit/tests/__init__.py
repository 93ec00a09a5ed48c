from . import (
    test_credit_limit,
    test_exposure,
    test_hold,
    test_order_check,
    test_violation,
)
