from . import test_build, test_plan, test_tables
