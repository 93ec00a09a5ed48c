from . import ar_dispute_open, ar_dispute_open_line
