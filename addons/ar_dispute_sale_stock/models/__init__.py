from . import (
    ar_dispute,
    ar_dispute_analysis,
    ar_dispute_route,
    sale_order,
    stock_picking,
)
