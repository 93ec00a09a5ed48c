from . import channels, models, tools, wizard
from .hooks import uninstall_hook
