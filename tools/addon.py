"""The addons of this repository, as the maintenance scripts see them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Addon:
    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def manifest(self) -> dict:
        return ast.literal_eval((self.path / "__manifest__.py").read_text("utf-8"))

    def fragment(self, name: str) -> str:
        """The text of readme/NAME.md, empty when there is none."""
        path = self.path / "readme" / f"{name}.md"
        return path.read_text("utf-8").strip() if path.exists() else ""


def all_addons() -> Iterator[Addon]:
    for manifest in sorted(ROOT.glob("addons/*/__manifest__.py")):
        yield Addon(manifest.parent)


def update(path: Path, text: str) -> bool:
    """Write a generated file; say so and return True when it was stale."""
    if path.exists() and path.read_text("utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    print(f"{path.relative_to(ROOT)}: written anew")
    return True
