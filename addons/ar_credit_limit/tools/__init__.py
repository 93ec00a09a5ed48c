from . import outermost, violation, within
