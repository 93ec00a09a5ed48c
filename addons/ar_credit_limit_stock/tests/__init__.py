from . import test_deliveries, test_tours
