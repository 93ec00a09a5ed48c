from . import (
    test_access,
    test_acting,
    test_alert,
    test_class,
    test_hysteresis,
    test_merge,
    test_outside_score,
    test_rule,
    test_score,
    test_score_access,
    test_score_arithmetic,
    test_switch,
)
