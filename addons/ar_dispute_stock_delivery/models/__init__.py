from . import account_move, ar_dispute, ar_dispute_analysis, ar_dispute_route
