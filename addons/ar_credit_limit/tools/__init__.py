from . import case, exposure, limit, outermost, policy, violation, within
