from . import authority, case, exposure, limit, outermost, policy, violation, within
