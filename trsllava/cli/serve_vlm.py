"""`trsllava serve-vlm`."""

from __future__ import annotations

from typing import Annotated

import typer


def serve_vlm(
    model: Annotated[str, typer.Argument(help="Hub id or folder of a vision-language model.", show_default=False)],
    start: Annotated[bool, typer.Option("--start", help="Start it here instead of printing the command.")] = False,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    slots: Annotated[int, typer.Option(min=1, help="Captions generated at a time.")] = 128,
    gpu_memory: Annotated[float, typer.Option(min=0.1, max=1.0, help="Share of each GPU's memory to use.")] = 0.9,
    tensor_parallel: Annotated[int, typer.Option(min=1, help="GPUs per copy of the model.")] = 1,
    data_parallel: Annotated[int, typer.Option(min=1, help="Copies of the model, each on its own GPUs.")] = 1,
    max_side: Annotated[int, typer.Option(min=28, help="Longest side of the pictures sent, in pixels.")] = 1024,
) -> None:
    """Print or start a `vllm serve` command with caches and limits set for captioning.

    **Examples**

    `trsllava serve-vlm Qwen/Qwen3-VL-8B-Instruct`

    `trsllava serve-vlm llava-hf/llava-onevision-qwen2-7b-ov-hf --data-parallel 4 --start`
    """
    from trsllava.captioners.serving import serve_command

    command = serve_command(
        model,
        host=host,
        port=port,
        slots=slots,
        gpu_memory=gpu_memory,
        tensor_parallel=tensor_parallel,
        data_parallel=data_parallel,
        max_side=max_side,
    )
    if not start:
        import shlex

        print(shlex.join(command))
        return
    import os

    from trsllava.errors import InputError

    try:
        os.execvp(command[0], command)
    except FileNotFoundError as error:
        raise InputError(
            "There is no `vllm` command here. Install vLLM, or leave --start out and run the command where it is."
        ) from error
