from . import ar_dunning_reminder_cancel
