"""The benchmark's own package, which only its command has on its path."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
