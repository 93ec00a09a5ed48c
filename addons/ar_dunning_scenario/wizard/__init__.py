from . import ar_dunning_books, ar_dunning_reminder_cancel
