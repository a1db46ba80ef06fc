"""Which tables are chosen, by name and by pattern. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ddbtui.plan.model import TableChoice


class Choices:
    """The choices while they are being made.

    Attributes:
        patterns: in the order in which they were added.
        exact: table name → name in the target, None for the same. A name that was given once comes back with its table.
    """

    def __init__(self, chosen: Iterable[TableChoice]) -> None:
        self.patterns: list[str] = []
        self.exact: dict[str, str | None] = {}
        self._new_names: dict[str, str | None] = {}
        for choice in chosen:
            if choice.is_pattern:
                self.patterns.append(choice.name)
            else:
                self.exact[choice.name] = self._new_names[choice.name] = choice.target_name
        self._compile()

    def _compile(self) -> None:
        self._patterns = [TableChoice(name=pattern) for pattern in self.patterns]

    def by_pattern(self, name: str) -> bool:
        """Whether a pattern takes the table in."""
        return any(pattern.matches(name) for pattern in self._patterns)

    def toggle(self, key: str) -> None:
        """Choose a table or take it back; take a pattern away."""
        if key in self.patterns:
            self.patterns.remove(key)
            self._compile()
        elif key in self.exact:
            del self.exact[key]
        else:
            self.exact[key] = self._new_names.get(key)

    def choose(self, which: str, names: Sequence[str]) -> None:
        """Choose `all`, `none` or the others (`invert`) of these names."""
        for name in names:
            if which == "none" or (which == "invert" and name in self.exact):
                self.exact.pop(name, None)
            elif which == "invert" or name not in self.exact:
                self.exact.setdefault(name, self._new_names.get(name))

    def add_pattern(self, pattern: str) -> None:
        """Add a pattern once."""
        if pattern not in self.patterns:
            self.patterns.append(pattern)
            self._compile()

    def rename(self, name: str, target_name: str) -> None:
        """Choose a table under another name; the same name, or none, means no other."""
        self.exact[name] = self._new_names[name] = target_name if target_name and target_name != name else None

    def in_order(self, names: Sequence[str]) -> tuple[TableChoice, ...]:
        """The choices as a plan holds them: patterns, then names in the order in which they are listed."""
        listed = dict.fromkeys(name for name in names if name in self.exact)
        order = [*listed, *(name for name in self.exact if name not in listed)]
        return (*self._patterns, *(TableChoice(name=name, target_name=self.exact[name]) for name in order))
