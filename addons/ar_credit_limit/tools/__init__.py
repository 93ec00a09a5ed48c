from . import outermost, violation
