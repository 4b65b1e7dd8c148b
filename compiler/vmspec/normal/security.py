"""Security labels and confidential memory."""

from __future__ import annotations

from vmspec.model.domain import Domain
from vmspec.model.security import SecLabel
from vmspec.model.value import Symbol
from vmspec.normal.edit import filled, on_each, without
from vmspec.normal.target import Target


def labels(vm: Domain, target: Target) -> Domain:
    """Dynamic with relabelling; the model none takes no label at all; a label only of a static one
    (virSecurityLabelDefParseXML, virSecurityLabelDefsParseXML, virSecurityLabelDefFormat, src/conf/domain_conf.c 9.0.0)."""
    only = len(vm.seclabel) == 1

    def whole(own: SecLabel) -> SecLabel:
        own = filled(own, type=Symbol("dynamic"))
        if own.model is None and only and (own.type == "none" or (own.type == "dynamic" and own.baselabel is None)):
            own = own.but(model=Symbol(target.security))
        if own.model == "none":
            own = own.but(type=Symbol("none"))
        if own.type == "none":
            return without(own, "relabel", "label_", "imagelabel", "baselabel")
        own = without(filled(own, relabel=own.type == "dynamic"), "imagelabel")
        return without(own, "label_") if own.type == "dynamic" else without(own, "baselabel")

    return on_each(vm, "seclabel", whole)
