from . import case, outermost, policy, violation
