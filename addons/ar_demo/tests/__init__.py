from . import (
    test_build,
    test_delivery_stop,
    test_mail,
    test_plan,
    test_tables,
    test_timeline,
)
