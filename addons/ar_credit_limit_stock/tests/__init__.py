from . import (
    test_deliveries,
    test_grid,
    test_orders,
    test_policy,
    test_steps,
    test_tours,
    test_views,
    test_ways,
)
