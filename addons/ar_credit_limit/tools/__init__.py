from . import case, limit, outermost, policy, violation, within
