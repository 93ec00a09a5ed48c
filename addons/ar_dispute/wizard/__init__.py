from . import ar_dispute_open, ar_dispute_open_line, ar_dunning_item_decide
