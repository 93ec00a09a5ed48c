from . import ar_dunning_reminder_cancel, ar_promise_decide, ar_promise_record
