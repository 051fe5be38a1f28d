#!/usr/bin/env bash
# Checks a published program on a Linux machine that has a GPU and PyTorch but no .NET, and leaves one JSON file,
# with the output of each stage in RESULT.json.logs beside it. Seven minutes with two real shapes; the limits of its stages allow for twenty.
#
#   where .NET is   for project in src/Reasoning.Trainer tests/Reasoning.Models.Tests tests/Reasoning.Trainer.Tests; do
#                     dotnet publish $project -c Release -r linux-x64 --self-contained -o publish; done
#   where the GPU is, in a checkout of this repository beside that folder
#                   scripts/gpu/check.sh publish [result.json]
#   anywhere        scripts/gpu/check.sh --dry publish [result.json]      everything that the CPU can do, small
#
# What runs: doctor (each device multiplies, differentiates, learns a sequence and repeats it), the tests that need a GPU (if they were
# published, too), 50 steps of ZeroSiam on a random model of 97 M parameters with tensors and device memory flat, the policy gradient with
# its start model, weights in bfloat16, the same step and the same sampling in eager PyTorch, and a few steps at the shapes of real models.
#
# libtorch is that of the machine's PyTorch: ours, for the CPU, is left out of a copy of the program. TorchSharp 0.107 is made for libtorch
# 2.10. For another version TORCHSHARP names the folder src/Native of TorchSharp's sources, whose native library is then built against the
# PyTorch that is there, by g++; without it the script tries to install PyTorch 2.10 by pip. PYTHON names another interpreter, SHAPES the
# real shapes to try ("" for none). Ends with 0 when all is well, 1 when something failed, 2 when something is missing.
set -uo pipefail
began=$(date +%s)
python=${PYTHON:-python3}
fail() { echo "error: $*" >&2; exit 2; }

dry=
[ "${1:-}" = --dry ] && { dry=1; shift; }
[ $# -ge 1 ] || fail "usage: $0 [--dry] PUBLISHED-FOLDER [RESULT.json]"
published=$(realpath "$1") result=$(realpath "${2:-gpu.json}")
[ -x "$published/reasoning" ] || fail "$published: no program there; make it with the first command in this script's head"
command -v "$python" > /dev/null || fail "$python is not installed; it makes the random model and reads the results"
cd "$(dirname "$(realpath "$0")")/../.." || exit 2
[ -d checkpoints/starter ] || fail "$PWD: no checkout of the repository: checkpoints/starter is missing"
# TorchSharp's native library, from its sources, against the PyTorch that is there; kept beside them for the next time. A source that does
# not compile is named and left out: only what calls its functions then fails.
build_torchsharp() {
  local objects=$work/objects kept=$TORCHSHARP/libLibTorchSharp-$version.so flags
  [ -f "$kept" ] && cp "$kept" "$program/libLibTorchSharp.so" && return
  mkdir "$objects"
  flags=$("$python" -c 'import torch; from torch.utils.cpp_extension import include_paths
print(f"-D_GLIBCXX_USE_CXX11_ABI={int(torch._C._GLIBCXX_USE_CXX11_ABI)}", *("-I" + path for path in include_paths()))') || fail "PyTorch tells no headers"
  printf '%s\n' "$TORCHSHARP"/LibTorchSharp/*.c* | xargs -P "$(nproc)" -I{} bash -c '
    name=$(basename {}) standard=-std=c++17
    [[ $name == *.c ]] && standard="-x c"
    g++ $standard -O1 -w -fPIC -fvisibility=hidden -D__LINUX__ $0 -c {} -o "$1/$name.o" 2> "$1/$name.log" ||
      echo "left out: $name: $(grep -m 1 error "$1/$name.log")"' "$flags" "$objects"
  g++ -shared -o "$program/libLibTorchSharp.so" "$objects"/*.o -Wl,-Bsymbolic -Wl,--no-as-needed -L"$lib" -ltorch -ltorch_cpu -ltorch_cuda -lc10 \
    -lc10_cuda || fail "TorchSharp's native library cannot be linked with $lib"
  cp "$program/libLibTorchSharp.so" "$kept"
  echo "built   libLibTorchSharp.so for PyTorch $version in $(($(date +%s) - began)) s"
}

work=$(mktemp -d)
trap 'rm -rf "$result.logs"; cp -r "$work/logs" "$result.logs"; rm -rf "$work"' EXIT
mkdir "$work/logs"

program=$published
if [ -z "$dry" ]; then
  ask='import os, torch; print(torch.__version__, torch.version.cuda, os.path.dirname(torch.__file__) + "/lib", torch.cuda.is_available())'
  read -r version cuda lib works < <("$python" -c "$ask" 2> /dev/null) ||
    fail "$python has no torch, whose libtorch this check runs on: pip install 'torch==2.10.*' for CUDA, or try the script with --dry"
  if [[ $version != 2.10.* && -z ${TORCHSHARP:-} ]]; then
    "$python" -m pip install -q --target "$work/torch" 'torch==2.10.*' > "$work/logs/pip" 2>&1 ||
      fail "PyTorch is $version, TorchSharp needs libtorch 2.10 (or its sources: see TORCHSHARP in this script), and pip cannot install that: $(tail -n 1 "$work/logs/pip")"
    export PYTHONPATH=$work/torch
    read -r version cuda lib works < <("$python" -c "$ask") || fail "the installed torch==2.10.* cannot be imported"
  fi
  [ "$cuda" != None ] || fail "PyTorch $version is for the CPU only; install one for CUDA, or try the script with --dry"
  [ "$works" = True ] || fail "PyTorch $version for CUDA $cuda finds no usable GPU here; look at nvidia-smi, or try the script with --dry"
  gpu="$("$python" -c 'import torch; print(torch.cuda.get_device_name())'), PyTorch $version"
  program=$work/program
  cp -a "$published" "$program" && rm -f "$program"/libtorch*.so "$program"/libc10*.so "$program"/libgomp*
  export LD_LIBRARY_PATH=$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  [[ $version == 2.10.* ]] || build_torchsharp
  missing=$(ldd "$program/libLibTorchSharp.so" | sed -n 's/^[[:space:]]*\(.*\) => not found/\1/p' | tr '\n' ' ')
  [ -z "$missing" ] || fail "$lib lacks what libLibTorchSharp.so needs: $missing"
fi

if [ -n "$dry" ]; then
  device=cpu layers=2 width=192 steps=8 answers=8 tokens=16 shapes=${SHAPES-}
else
  device=cuda layers=14 width=768 steps=50 answers=64 tokens=64 shapes=${SHAPES-qwen3-0.6b qwen3-1.7b qwen3-4b}
fi

# stage NAME SECONDS COMMAND…: runs it with a limit, keeps its output, and writes down how it went.
stage() {
  local name=$1 limit=$2 start code
  shift 2
  start=$EPOCHREALTIME
  # In a shell of its own, which knows the functions that are exported below.
  timeout "$limit" bash -c '"$@"' stage "$@" > "$work/logs/$name" 2>&1
  code=$?
  # llama.cpp is in the program for the CPU only; nothing here needs it.
  if [ "$name" = doctor ]; then
    grep -q "^ok  *$device[:0-9]*: training and sampling" "$work/logs/doctor" && ! grep '^FAILED' "$work/logs/doctor" | grep -qv llama && code=0 ||
      code=1
  fi
  echo "$code $start $EPOCHREALTIME $name" >> "$work/stages"
  if [ "$code" = 0 ]; then echo "ok      $name"; else echo "FAILED  $name (exit $code)"; tail -n 5 "$work/logs/$name" | sed 's/^/        /'; fi
}

# The starter's folder with another shape and random weights in bfloat16: one stretch of normal numbers, begun anew at a random place for
# every tensor. Named shapes are those of real models, whose vocabulary the starter's tokenizer then uses only in part.
make_model() {
  "$python" - checkpoints/starter "$work/$1" "$1" "$layers" "$width" << 'PY'
import array, json, os, random, shutil, struct, sys

source, target, name, layers, width = *sys.argv[1:4], *map(int, sys.argv[4:])
config = json.load(open(f"{source}/config.json"))
layers, width, heads, kv, size, inner, vocabulary = {
    "qwen3-0.6b": (28, 1024, 16, 8, 128, 3072, 151936), "qwen3-1.7b": (28, 2048, 16, 8, 128, 6144, 151936),
    "qwen3-4b": (36, 2560, 32, 8, 128, 9728, 151936),
}.get(name, (layers, width, width // 64, max(1, width // 192), 64, 3 * width, config["vocab_size"]))
config.update(hidden_size=width, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=kv, head_dim=size,
              vocab_size=vocabulary, max_position_embeddings=4096)
shapes = {"model.embed_tokens.weight": [vocabulary, width], "model.norm.weight": [width]}
for i in range(layers):
    layer = f"model.layers.{i}."
    shapes |= {layer + name: shape for name, shape in {
        "self_attn.q_proj.weight": [heads * size, width], "self_attn.k_proj.weight": [kv * size, width],
        "self_attn.v_proj.weight": [kv * size, width], "self_attn.o_proj.weight": [width, heads * size],
        "self_attn.q_norm.weight": [size], "self_attn.k_norm.weight": [size], "mlp.gate_proj.weight": [inner, width],
        "mlp.up_proj.weight": [inner, width], "mlp.down_proj.weight": [width, inner], "input_layernorm.weight": [width],
        "post_attention_layernorm.weight": [width]}.items()}
count = lambda shape: shape[0] * (shape[1] if len(shape) > 1 else 1)
header, offset = {}, 0
for name, shape in shapes.items():
    header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + 2 * count(shape)]}
    offset += 2 * count(shape)
random.seed(1)
wide = array.array("f", (random.gauss(0, 0.02) for _ in range(1 << 20))).tobytes()
noise = bytearray(len(wide) // 2)
noise[0::2], noise[1::2] = wide[2::4], wide[3::4]
noise = memoryview(noise)
os.makedirs(target)
for name in ("tokenizer.json", "tokenizer_config.json", "generation_config.json", "reasoning.json"):
    if os.path.exists(f"{source}/{name}"):
        shutil.copy(f"{source}/{name}", target)
json.dump(config, open(f"{target}/config.json", "w"))
with open(f"{target}/model.safetensors", "wb") as file:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    for shape in shapes.values():
        start, left = 2 * random.randrange(1 << 20), 2 * count(shape)
        if len(shape) == 1:
            file.write(b"\x80\x3f" * shape[0])
            continue
        while left:
            part = noise[start:start + left]
            file.write(part)
            start, left = 0, left - len(part)
print(f"{offset // 2:,} parameters")
PY
}

# The same update (entropy of the answers through the head, all parameters, AdamW) and the same sampling in eager PyTorch, float32.
eager() {
  "$python" - "$device" "$layers" "$width" "$answers" "$tokens" << 'PY'
import json, sys, time
import torch
import torch.nn.functional as F

device, (layers, width, batch, new) = torch.device(sys.argv[1]), map(int, sys.argv[2:])
torch.manual_seed(1)
vocabulary, prompt, heads, size, inner = 640, 32, width // 64, 64, 3 * width
kv = max(1, heads // 3)
matrix = lambda rows, columns: (torch.randn(rows, columns, device=device) * 0.02).requires_grad_()
ones = lambda n: torch.ones(n, device=device, requires_grad=True)
embedding, final = matrix(vocabulary, width), ones(width)
blocks = [dict(q=matrix(heads * size, width), k=matrix(kv * size, width), v=matrix(kv * size, width), o=matrix(width, heads * size),
               qn=ones(size), kn=ones(size), gate=matrix(inner, width), up=matrix(inner, width), down=matrix(width, inner),
               n1=ones(width), n2=ones(width)) for _ in range(layers)]
parameters = [embedding, final, *(tensor for block in blocks for tensor in block.values())]
optimizer = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.0, **({"fused": True} if device.type == "cuda" else {}))
angles = torch.outer(torch.arange(prompt + new, device=device), 10000.0 ** (-torch.arange(0, size, 2, device=device) / size)).repeat(1, 2)
cos, sin = angles.cos(), angles.sin()
norm = lambda x, w: x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * w


def forward(ids, start=0, cache=None):
    """Hidden states, [batch, length, width]; with a cache, [keys, values] of each layer, of the tokens from `start` on."""
    x, (rows, length) = F.embedding(ids, embedding), ids.shape
    c, s = cos[start:start + length], sin[start:start + length]
    turn = lambda t: t * c + torch.cat((-t[..., size // 2:], t[..., :size // 2]), -1) * s
    for i, w in enumerate(blocks):
        h = norm(x, w["n1"])
        part = lambda name, n: F.linear(h, w[name]).view(rows, length, n, size).transpose(1, 2)
        q, k, v = turn(norm(part("q", heads), w["qn"])), turn(norm(part("k", kv), w["kn"])), part("v", kv)
        if cache is not None:
            for kept, fresh in zip(cache[i], (k, v)):
                kept[:, :, start:start + length] = fresh
            k, v = (kept[:, :, :start + length] for kept in cache[i])
        k, v = (t.repeat_interleave(heads // kv, 1) for t in (k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=length > 1)
        x = x + F.linear(mixed.transpose(1, 2).reshape(rows, length, -1), w["o"])
        h = norm(x, w["n2"])
        x = x + F.linear(F.silu(F.linear(h, w["gate"])) * F.linear(h, w["up"]), w["down"])
    return norm(x, final)


def update(ids):
    optimizer.zero_grad(set_to_none=True)
    logp = F.linear(forward(ids[:, :-1])[:, prompt - 1:], embedding).log_softmax(-1)
    (logp.exp() * logp).sum(-1).mean().neg().backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


@torch.no_grad()
def sample(first):
    cache = [[torch.zeros(batch, kv, prompt + new, size, device=device) for _ in range(2)] for _ in range(layers)]
    ids, hidden = [first], forward(first, 0, cache)
    for place in range(prompt, prompt + new):
        ids.append(torch.multinomial(F.linear(hidden[:, -1], embedding).softmax(-1), 1))
        if place + 1 < prompt + new:
            hidden = forward(ids[-1], place, cache)
    return torch.cat(ids, 1)


def seconds(work):
    times = []
    for _ in range(9):
        if device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return sorted(times[2:])[3]


first = torch.randint(vocabulary, (batch, prompt), device=device)
whole = sample(first)
print(json.dumps({"torch": torch.__version__, "update_tokens_per_second": batch * new / seconds(lambda: update(whole)),
                  "sampled_tokens_per_second": batch * new / seconds(lambda: sample(first))}))
PY
}

# train MODEL RUN RECIPE STEPS [SETTING…]. The random model's answers never end, so truncated ones train, and it cannot collapse.
train() {
  local model=$1 out=$2 recipe=$3 count=$4 one settings=()
  shift 4
  for one in truncated=keep guard=false eval-samples=0 checkpoint-every=0 log-samples-every=0 "max-new-tokens=$tokens" prompts-per-step=8 \
    "samples-per-prompt=$((answers / 8 > 2 ? answers / 8 : 2))" "$@"; do
    settings+=(--set "$one")
  done
  "$program/reasoning" train --recipe "$recipe" --model "$work/$model" --prompts data/shifted.jsonl --device "$device" --out "$work/$out" \
    --steps "$count" "${settings[@]}"
}

# Steps of each method at the shape of a real model: 64 answers of 128 tokens, weights in bfloat16 with float32 masters.
shape() {
  local wide=(weights=bfloat16 samples-per-prompt=8 max-new-tokens=128)
  make_model "$1" && train "$1" "$1-zerosiam" zerosiam 3 "${wide[@]}" "${@:2}" && train "$1" "$1-ttrl" ttrl 3 reward=likelihood "${wide[@]}" "${@:2}"
  local code=$?
  rm -rf "${work:?}/$1" "$work/$1"-*/model "$work/$1"-*/checkpoints
  return $code
}

export -f make_model eager train shape
export python work layers width answers tokens device program
stage doctor 60 "$program/reasoning" doctor
for suite in Models Trainer; do
  if [ -x "$program/Reasoning.$suite.Tests" ]; then stage "tests of $suite" 120 "$program/Reasoning.$suite.Tests" -noColor -trait device=cuda; fi
done
stage model 60 make_model random
stage train 240 train random run zerosiam "$steps"
stage bfloat16 60 train random narrow zerosiam 5 weights=bfloat16
stage grpo 60 train random grpo ttrl 3 reward=likelihood kl-coefficient=0.1
if "$python" -c 'import torch' 2> /dev/null; then stage eager 90 eager; else echo "skipped eager: $python has no torch"; fi
for one in $shapes; do stage "$one" 120 shape "$one"; done

"$python" - "$work" "$result" "$device" "$began" "${gpu:-}" << 'PY'
import glob, json, os, platform, statistics, sys, time

work, result, device, began, gpu = sys.argv[1:]
read = lambda name: open(f"{work}/logs/{name}", errors="replace").read() if os.path.exists(f"{work}/logs/{name}") else ""
stages = [{"name": name, "exit": int(code), "seconds": round(float(end.replace(",", ".")) - float(start.replace(",", ".")), 1)}
          for code, start, end, name in (line.rstrip("\n").split(" ", 3) for line in open(f"{work}/stages"))]
problems = [f"{stage['name']} ended with {stage['exit']}" for stage in stages if stage["exit"]]
report = {"date": time.strftime("%Y-%m-%d"), "machine": platform.platform(), "device": device, "gpu": gpu, "model": read("model").strip(),
          "doctor": read("doctor").splitlines(), "stages": stages}
runs = {}
for path in sorted(glob.glob(f"{work}/*/metrics.jsonl"), key=os.path.getmtime):
    steps = [json.loads(line) for line in open(path)]
    later = steps[len(steps) // 5 + 3:] or steps[1:] or steps
    middle = lambda value: statistics.median(value(step) for step in later)
    runs[name := os.path.basename(os.path.dirname(path))] = {
        "steps": len(steps), "update_tokens_per_second": middle(lambda step: step["trained_tokens"] / step["update_seconds"]),
        "sampled_tokens_per_second": middle(lambda step: step["trained_tokens"] / step["sampling_seconds"]),
        "step_seconds": middle(lambda step: sum(step[f"{part}_seconds"] for part in ("sampling", "judging", "update", "writing"))), "device_memory": max(step.get("device_memory", 0) for step in steps)}
    if name != "run":
        continue
    for metric, slack in (("live_tensors", 0), ("device_memory", 0.02)):
        values = [step[metric] for step in later if metric in step]
        report[metric] = values[:1] + values[-1:]
        if values and max(values) > values[0] * (1 + slack):
            problems.append(f"{metric} grew from {values[0]} to {max(values)}")
    if device != "cpu" and not report["device_memory"]:
        problems.append("the driver told no device memory")
eager = [line for line in read("eager").splitlines() if line.startswith("{")]
if eager:
    runs["eager"] = json.loads(eager[-1])
report |= {"runs": runs, "problems": problems, "seconds": round(time.time() - float(began))}
json.dump(report, open(result, "w"), indent=1, ensure_ascii=False)
for name, run in runs.items():
    memory = f", {run['device_memory'] / 1024:.1f} GiB" if run.get("device_memory") else ""
    print(f"{name:20} update {run['update_tokens_per_second']:,.0f} tokens/s, sampling {run['sampled_tokens_per_second']:,.0f} tokens/s{memory}")
print(f"{'ok' if not problems else 'FAILED'}: {result}{''.join('; ' + problem for problem in problems)}")
sys.exit(bool(problems))
PY
