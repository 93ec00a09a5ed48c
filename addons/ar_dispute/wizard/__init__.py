from . import (
    ar_dispute_ask,
    ar_dispute_decide,
    ar_dispute_decide_line,
    ar_dispute_open,
    ar_dispute_open_line,
    ar_dispute_reopen,
    ar_dunning_item_decide,
)
