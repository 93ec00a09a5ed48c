from . import test_evidence, test_raising, test_tours
