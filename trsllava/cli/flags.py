"""Where parameters that our errors name get their dashes."""

from __future__ import annotations

from trsllava.errors import Call, Parameter, TrsllavaError

_OTHER_NAMES = {"confirmed": "--yes", "documents": "--rich", "rescoring": "--rescore", "properties": "--where"}
"""Flags that are not called as the parameter is."""
_OFF = {"variant_requests": "--one-request"}
"""Flags that switch a parameter off."""


def in_flags(error: TrsllavaError) -> str:
    """An error's message as it is said on the command line."""
    return "".join(_written(part) for part in error.parts)


def flag(parameter: Parameter) -> str:
    """`--nodata-limit 0.5` for `nodata_limit` and its value; the flag alone where there is none, or for a switch."""
    if parameter.value is False:
        return _OFF.get(parameter.name) or "--no-" + parameter.name.replace("_", "-")
    name = _OTHER_NAMES.get(parameter.name) or "--" + parameter.name.replace("_", "-")
    return name if parameter.value is None or parameter.value is True else f"{name} {parameter.value}"


def _written(part: str | Parameter | Call) -> str:
    match part:
        case Parameter():
            return flag(part)
        case Call(name, parameters):
            given = (flag(Parameter(name, value)) for name, value in parameters.items())
            return f"`{' '.join(('trsllava', name, *given))}`"
    return part
