from . import habits, plan, tables
