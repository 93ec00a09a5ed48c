from . import (
    test_access,
    test_acting,
    test_alert,
    test_hysteresis,
    test_merge,
    test_rule,
    test_switch,
)
