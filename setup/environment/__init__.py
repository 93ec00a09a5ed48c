"""The environment that `setup/demo`, `setup/test`, `setup/odoo` and
`setup/core-suites` stand on: Odoo 19, Python packages, PostgreSQL, databases.

Everything imported before the virtual environment exists is standard library.
"""

import sys

# Before anything is imported that an older Python cannot read; in words that it can.
if sys.version_info < (3, 10):  # noqa: UP036
    sys.exit(
        # ruff: noqa: UP031
        "\nUnsupported Python %d.%d: use 3.10 to 3.13, for example python3.13 %s."
        % (sys.version_info[0], sys.version_info[1], sys.argv[0])
    )
