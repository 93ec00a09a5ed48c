from . import exposure, outermost, violation
