"""Reads a file of facts that somebody names on the command line."""

from __future__ import annotations

from collections.abc import Mapping
from json import JSONDecodeError

from vmspec.base import json_text
from vmspec.base.files import FileError, read_bytes
from vmspec.deploy import codes
from vmspec.deploy.binding import HostError
from vmspec.model.facts import HostFacts
from vmspec.model.facts_json import FactsError, read_facts

MOST = 16 << 20


def facts_in(path: str) -> HostFacts:
    """Raises HostError with what is wrong with it."""
    try:
        data = json_text.loads(read_bytes(path, MOST).decode("utf-8-sig"))
        if not isinstance(data, Mapping):
            raise FactsError("it is not a JSON object")
        return read_facts(data)
    except FileError as error:
        raise HostError(codes.FACTS_FAILED, f"the facts {path} {error.reason}") from None
    except UnicodeDecodeError as error:
        raise HostError(codes.FACTS_FAILED, f"the facts {path} cannot be used: it is not UTF-8 (byte {error.start})") from None
    except JSONDecodeError as error:
        raise HostError(
            codes.FACTS_FAILED, f"the facts {path} cannot be used: it is not JSON: {error.msg} at line {error.lineno}"
        ) from None
    except ValueError as error:
        raise HostError(codes.FACTS_FAILED, f"the facts {path} cannot be used: {error}") from None
