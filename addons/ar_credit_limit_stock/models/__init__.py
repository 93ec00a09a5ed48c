from . import ar_credit_hold, stock_move, stock_picking
