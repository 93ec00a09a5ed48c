from . import ar_credit_hold, res_company, stock_move, stock_picking
