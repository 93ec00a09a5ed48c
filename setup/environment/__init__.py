"""The environment that `setup/demo`, `setup/test`, `setup/odoo` and
`setup/core-suites` stand on: Odoo 19, Python packages, PostgreSQL, databases.

Everything imported before the virtual environment exists is standard library.
"""
