"""The addons of this repository, as the maintenance scripts see them.

Importing this module makes the modules of setup/ importable too.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "setup"))

from environment import addons  # noqa: E402


@dataclass(frozen=True)
class Addon:
    path: Path
    manifest: dict

    @property
    def name(self) -> str:
        return self.path.name

    def fragment(self, name: str) -> str:
        """The text of readme/NAME.md, empty when there is none."""
        path = self.path / "readme" / f"{name}.md"
        return path.read_text("utf-8").strip() if path.exists() else ""


def all_addons() -> Iterator[Addon]:
    for name, manifest in addons.manifests().items():
        yield Addon(addons.FOLDER / name, manifest)


def update(path: Path, text: str) -> bool:
    """Write a generated file; say so and return True when it was stale."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    print(f"{path.relative_to(ROOT)}: written anew")
    return True
