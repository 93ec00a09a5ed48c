from . import clock, promise
