from . import (
    test_access,
    test_ageing,
    test_event,
    test_guards,
    test_open_item,
    test_partner_facts,
    test_position,
    test_run,
    test_suspension,
    test_switch,
    test_today,
)
