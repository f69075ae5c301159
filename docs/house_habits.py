"""Teach the documentation two habits of ours: the heading `Example:`, and lazy packages."""

import griffe


class HouseHabits(griffe.Extension):
    """Read `Example:` as `Examples:`, and the names in an `__init__.pyi` as exported."""

    def on_instance(self, *, obj: griffe.Object, **_) -> None:
        """Rewrite one docstring."""
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")

    def on_package(self, *, pkg: griffe.Module, **_) -> None:
        """Export what a package's stub names, where `__all__` is made at run time."""
        for module in (pkg, *pkg.modules.values()):
            if module.is_init_module and not module.exports:
                module.exports = [name for name, entry in module.members.items() if entry.is_alias]
