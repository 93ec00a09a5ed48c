from . import (
    ar_dunning_books,
    ar_dunning_going_live,
    ar_dunning_item_decide,
    ar_dunning_item_move,
    ar_dunning_pause_start,
    ar_dunning_preview,
    ar_dunning_reminder_cancel,
    ar_dunning_scenario_assign,
    ar_delay_cause_set,
    ar_dunning_call,
    ar_promise_decide,
    ar_promise_record,
)
