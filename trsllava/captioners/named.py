"""The captioner that a name means, asked as the settings say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Literal

from trsllava.errors import InputError, Parameter

if TYPE_CHECKING:
    from trsllava.captioners.protocol import Captioner
    from trsllava.captioners.vllm import VllmCaptioner
    from trsllava.config import Settings

CaptionerName = Literal["nano", "vllm", "vllm-offline"]
_TAKEN_BY: Mapping[str, tuple[CaptionerName, ...]] = {"base_url": ("vllm",), "model": ("vllm", "vllm-offline")}
"""The captioners that each parameter is for."""


def load_captioner(
    name: CaptionerName, settings: Settings, *, keep_going: bool = False, prompt: str = "rsrt"
) -> Captioner:
    """The captioner of a name. `keep_going`: a run whose every answer is bad is not stopped. `prompt`: id of what a
    vision-language model is asked with.

    Raises InputError where the settings lack what it needs.
    """
    match name:
        case "nano":
            from trsllava.captioners.nano.captioner import shipped_captioner

            return shipped_captioner()
        case "vllm":
            return asking_server(settings, keep_going=keep_going, prompt=prompt)
        case "vllm-offline":
            return _offline(settings, prompt)
    raise InputError(Parameter("captioner"), f" accepts nano, vllm, vllm-offline, not {name!r}.")


def check_asked_as(captioner: object, **given: str | None) -> None:
    """Raises InputError for a parameter that is given (not None) and that the captioner would leave unused: nano, one
    that was made before, or a caption file (None)."""
    for parameter, value in given.items():
        if value is not None and captioner not in _TAKEN_BY[parameter]:
            names = " or ".join(map(repr, _TAKEN_BY[parameter]))
            raise InputError(Parameter(parameter), " is used with ", Parameter("captioner"), f" {names} only.")


def usual_captioner(captioned_by: Collection[str]) -> Captioner:
    """nano, unless other models captioned a collection (`captioned_by`): one does not mix them by naming none.

    Raises InputError then.
    """
    from trsllava.captioners.imported import BY_HAND
    from trsllava.captioners.nano.captioner import shipped_captioner
    from trsllava.encoders.image_text import is_shipped_nano

    others = [model for model in captioned_by if model != BY_HAND and not is_shipped_nano(model)]
    if others:
        raise InputError(
            f"This collection's captions come from {others[0] or 'a file'}. Give the same ",
            Parameter("captions"),
            " or ",
            Parameter("captioner"),
            " again, or ",
            Parameter("captioner", "nano"),
            " to have nano caption what is new.",
        )
    return shipped_captioner()


def asking_server(settings: Settings, *, keep_going: bool = False, prompt: str = "rsrt") -> VllmCaptioner:
    """The captioner that asks the server of the settings' `base_url`. Raises InputError where there is none."""
    if settings.base_url is None:
        raise InputError(
            Parameter("captioner", "vllm"),
            " needs ",
            Parameter("base_url"),
            ", as in ",
            Parameter("base_url", "http://localhost:8000/v1"),
            ".",
        )
    from trsllava.captioners.vllm import VllmCaptioner
    from trsllava.config import plain

    return VllmCaptioner(
        settings.base_url,
        settings.model,
        api_key=plain(settings.api_key),
        concurrency=settings.concurrency,
        timeout=settings.timeout,
        patience=settings.patience,
        max_side=settings.max_side,
        one_by_one=settings.variant_requests,
        instructions_in=settings.instructions_in,
        skip_checks=settings.skip_checks,
        language=settings.language,
        keep_going=keep_going,
        prompt=prompt,
    )


def _offline(settings: Settings, prompt: str) -> Captioner:
    by_name = Parameter("captioner", "vllm-offline")
    if settings.model is None:
        example = Parameter("model", "Qwen/Qwen3-VL-8B-Instruct")
        raise InputError(by_name, " needs ", Parameter("model"), ", as in ", example, ".")
    if settings.variant_requests:
        one_request = Parameter("variant_requests", False)
        raise InputError(by_name, " asks for all variants in one request: use ", one_request, ".")
    from trsllava.captioners.offline import OfflineCaptioner

    return OfflineCaptioner(
        settings.model,
        max_side=settings.max_side,
        instructions_in=settings.instructions_in,
        skip_checks=settings.skip_checks,
        engine=settings.engine,
        prompt=prompt,
    )
