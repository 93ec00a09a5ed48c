from . import (
    test_access,
    test_clock,
    test_delivery,
    test_item,
    test_plan,
    test_prepare,
    test_recheck,
    test_scenario,
    test_switch,
    test_timing,
)
