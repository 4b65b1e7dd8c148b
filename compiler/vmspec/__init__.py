"""A language and compiler for virtual machines and the KVM hosts that run them; its names are the public API (docs/api.md).

A name is imported when it is first used, so that `import vmspec` costs nothing.
"""

from sys import modules

__version__ = "0.1.0"

TYPE_CHECKING = False
"""For type checkers, which take it for true by its name: the import of `typing` would cost more than all the rest."""
if TYPE_CHECKING:
    from vmspec.api import AddressError as AddressError
    from vmspec.api import CheckResult as CheckResult
    from vmspec.api import CompileError as CompileError
    from vmspec.api import CompileResult as CompileResult
    from vmspec.api import WriteResult as WriteResult
    from vmspec.api import check as check
    from vmspec.api import compile as compile
    from vmspec.base.code import Code as Code
    from vmspec.base.diagnostic import Diagnostic as Diagnostic
    from vmspec.base.diagnostic import Edit as Edit
    from vmspec.base.diagnostic import Fix as Fix
    from vmspec.base.diagnostic import Label as Label
    from vmspec.base.diagnostic import Severity as Severity
    from vmspec.base.provenance import Step as Step
    from vmspec.base.provenance import StepKind as StepKind
    from vmspec.base.provenance import ValueAddress as ValueAddress
    from vmspec.base.provenance import ValueInput as ValueInput
    from vmspec.base.source import Source as Source
    from vmspec.base.source import Span as Span
    from vmspec.driver.address import AddressedValue as AddressedValue
    from vmspec.emit.artifact import Artifact as Artifact
    from vmspec.evaluate.evaluated import TestResult as TestResult
    from vmspec.lower.fleet import Fleet as Fleet
    from vmspec.lower.fleet import Object as Object
    from vmspec.model.kinds import ObjectKind as ObjectKind
    from vmspec.report.location import Location as Location

_HOMES = {
    "api": "AddressError CheckResult CompileError CompileResult WriteResult check compile",
    "base.code": "Code",
    "base.diagnostic": "Diagnostic Edit Fix Label Severity",
    "base.provenance": "Step StepKind ValueAddress ValueInput",
    "base.source": "Source Span",
    "driver.address": "AddressedValue",
    "emit.artifact": "Artifact",
    "evaluate.evaluated": "TestResult",
    "lower.fleet": "Fleet Object",
    "model.kinds": "ObjectKind",
    "report.location": "Location",
}
"""The module of each public name."""
_MODULES = {name: f"{__name__}.{module}" for module, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AddressError",
    "AddressedValue",
    "Artifact",
    "CheckResult",
    "Code",
    "CompileError",
    "CompileResult",
    "Diagnostic",
    "Edit",
    "Fix",
    "Fleet",
    "Label",
    "Location",
    "Object",
    "ObjectKind",
    "Severity",
    "Source",
    "Span",
    "Step",
    "StepKind",
    "TestResult",
    "ValueAddress",
    "ValueInput",
    "WriteResult",
    "__version__",
    "check",
    "compile",
]


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(_MODULES[name]), name)
    return found


def __dir__() -> list[str]:
    return __all__


class _Package(type(modules[__name__])):  # type: ignore[misc]
    """The import system binds the private package `vmspec.check` to the name of the public function: the function stays."""

    @property
    def check(self) -> object:
        return __getattr__("check")

    @check.setter
    def check(self, package: object) -> None:
        pass


modules[__name__].__class__ = _Package
