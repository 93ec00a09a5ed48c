from . import (
    ar_delay_cause_set,
    ar_dunning_call,
    ar_dunning_reminder_cancel,
    ar_promise_decide,
    ar_promise_record,
)
