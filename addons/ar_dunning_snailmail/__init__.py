from . import channels, models
from .hooks import uninstall_hook
