from . import ar_dunning_reminder, ar_dunning_step
