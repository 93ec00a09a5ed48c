from . import (
    test_access,
    test_credit_limit,
    test_exposure,
    test_hold,
    test_merge,
    test_order_check,
    test_other_addons,
    test_race,
    test_recheck,
    test_switch,
    test_tours,
    test_violation,
)
