"""The benchmark: a ledger of a stated size, what is measured on it, and the table.

Modules that import Odoo run in a process of their own, started by `sessions`.
"""
