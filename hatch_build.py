"""What the wheel holds beyond the sources: the compiled grammar and the XML Schemas, so that nobody's first run has to make them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Generated(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout compiles for itself, and again whenever the grammar changes
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "compiler" if (root / "compiler").is_dir() else root))
        from vmspec.syntax.compile_grammar import main

        self.folder = tempfile.TemporaryDirectory()
        tables = Path(self.folder.name) / "tables.json"
        main(str(tables))
        build_data["force_include"][str(tables)] = "vmspec/_grammar/tables.json"
        self._schemas(build_data)
        self._standard_library(root, build_data)

    def _standard_library(self, root: Path, build_data: dict[str, Any]) -> None:
        from vmspec.resolve.resolve import standard_file
        from vmspec.syntax import ast_cache

        for source in sorted((root / "stdlib").glob("*.vmspec")):
            file = Path(self.folder.name) / f"{source.stem}{ast_cache.SUFFIX}"
            file.write_bytes(ast_cache.dump(standard_file(source, source.stem)))
            build_data["force_include"][str(file)] = f"vmspec/_stdlib/{file.name}"

    def _schemas(self, build_data: dict[str, Any]) -> None:
        from vmspec.validate import xsd, xsd_cache

        for name, identity in ((xsd_cache.SHIPPED, True), (xsd_cache.SHIPPED_LAX, False)):
            file = Path(self.folder.name) / name
            file.write_text(xsd.text(identity=identity), encoding="utf-8")
            build_data["force_include"][str(file)] = f"vmspec/_schemas/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.folder.cleanup()
