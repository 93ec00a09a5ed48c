from . import (
    ar_credit_hold,
    ar_credit_policy,
    ar_recheck,
    res_company,
    res_config_settings,
    sale_order,
    stock_move,
    stock_picking,
    stock_picking_check,
)
