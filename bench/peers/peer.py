"""What the PyTorch peers share: the environment, the protocol with the benchmark program, and the language model.

Import this module before torch. It reads the configuration (argv[1], one JSON object) and starts the script once more with an
environment under which PyTorch is fast, because OpenMP, OpenBLAS and glibc read theirs when they are loaded. An ordinary user of
Debian's PyTorch does not know these settings, but without them the comparison is with a PyTorch that waits, not one that computes.
On two cores of an EPYC 9005, PyTorch 1.13 with OpenBLAS 0.3.21:
  OMP_WAIT_POLICY=passive      OpenMP and OpenBLAS each have threads of their own; one's spinning threads hold the cores that the
                               other's need, and an elementwise operation of 0.3 ms takes 4 ms, a tick of the scheduler
  OPENBLAS_CORETYPE removed    OpenBLAS finds the kernels with AVX-512 by itself; a sandbox that pins it to Haswell halves the speed
  ATEN_CPU_CAPABILITY=avx512   PyTorch's own loops keep to AVX2 unless told; some take twice as long
  glibc.malloc.hugetlb=1       clearing the small pages of a fresh large tensor takes longer than most operations that fill it
{"tuned": false} in the configuration leaves everything but the number of threads as the system has it.
"""

import ctypes
import json
import os
import struct
import sys
import time
from pathlib import Path
from typing import Callable

INSTALL = "apt-get install python3-torch libopenblas0-pthread"


def refuse(reason: str) -> None:
    """Tells the benchmark program that this peer cannot run here."""
    print(json.dumps({"ready": False, "reason": reason}), flush=True)
    sys.exit(0)


def _environment(config: dict) -> dict[str, str]:
    threads = str(config["threads"])
    wanted = dict(os.environ)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        wanted[name] = threads
    if config.get("tuned", True) and sys.platform == "linux":
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            wanted.pop(name, None)
        wanted["OMP_WAIT_POLICY"] = "passive"
        wanted["GLIBC_TUNABLES"] = "glibc.malloc.hugetlb=1"
        cpu = Path("/proc/cpuinfo").read_text()
        if all(f" {flag} " in cpu for flag in ("avx512f", "avx512dq", "avx512bw", "avx512vl")):
            wanted["ATEN_CPU_CAPABILITY"] = "avx512"
    return wanted


config: dict = json.loads(sys.argv[1])
_wanted = _environment(config)
if _wanted != dict(os.environ):
    os.execve(sys.executable, [sys.executable, *sys.argv], _wanted)

try:
    import numpy
    import torch
    import torch.nn.functional as F
except ImportError as missing:
    refuse(f"{missing.name} is not installed for {sys.executable}: {INSTALL}, and run with /usr/bin/python3")

torch.set_num_threads(config["threads"])
device = torch.device(config.get("device", "cpu"))
if device.type == "cuda" and not torch.cuda.is_available():
    refuse(f"PyTorch {torch.__version__} finds no CUDA device")


def keep_freed_memory() -> None:
    """Lets malloc keep what is freed, as the caching allocators of GPUs do: otherwise every large tensor of every step is mapped,
    cleared page by page and unmapped again, which costs ten times the addition that fills it. Not for a script that measures
    resident memory."""
    if config.get("tuned", True) and sys.platform == "linux":
        mallopt = ctypes.CDLL(None).mallopt
        mmap_max, trim_threshold = -4, -1  # names of <malloc.h>
        mallopt(mmap_max, 0)
        mallopt(trim_threshold, -1)


def _blas() -> str:
    """The BLAS that is loaded, by its file in /proc/self/maps; only an optimised one is a fair peer."""
    if torch.backends.mkl.is_available():
        return "Intel MKL (linked into PyTorch)"
    paths = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    reference = any(path.endswith("/libblas.so.3") or "/blas/libblas" in path for path in paths if "openblas" not in path)
    for path in sorted(paths):
        if "libopenblas" in path and not reference:
            name = ctypes.CDLL(path).openblas_get_corename
            name.restype = ctypes.c_char_p
            return f"{os.path.realpath(path)} (kernels {name().decode()})"
    refuse(f"PyTorch has no optimised BLAS, only the reference libblas: {INSTALL}")
    raise AssertionError


def now() -> float:
    """Seconds of a monotonic clock, after everything that was given to the device is done."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def serve(run: Callable[[], dict], note: str) -> None:
    """Warms up once, says that the peer is ready, and does one run per line of standard input."""
    where = f"BLAS {_blas()}" if device.type == "cpu" else torch.cuda.get_device_name()
    run()
    parts = [f"float32, eager; {where}",
             f"{torch.get_num_threads()} threads"]
    settings = ("OMP_WAIT_POLICY", "OPENBLAS_CORETYPE", "ATEN_CPU_CAPABILITY", "GLIBC_TUNABLES")
    parts.append(" ".join(f"{name}={os.environ[name]}" for name in settings if name in os.environ) or "environment not tuned")
    parts.append(note)
    ready = {"ready": True, "name": f"PyTorch {torch.__version__}", "threads": torch.get_num_threads(), "note": "; ".join(parts)}
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        if line.split()[:1] == ["run"]:
            print(json.dumps(run()), flush=True)


def read_safetensors(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of a file as float32."""
    types = {"F32": numpy.float32, "F16": numpy.float16, "BF16": numpy.uint16}
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[8 + length + begin:8 + length + end], types[entry["dtype"]])
        if entry["dtype"] == "BF16":
            values = (values.astype(numpy.uint32) << 16).view(numpy.float32)
        tensors[name] = torch.from_numpy(values.astype(numpy.float32).reshape(entry["shape"]))
    return tensors


def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rotary_table(length: int, size: int, theta: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines, [length, size], both halves the same."""
    frequencies = theta ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies).repeat(1, 2)
    return angles.cos().float().to(device), angles.sin().float().to(device)


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """The rotation as in Hugging Face's apply_rotary_pos_emb; x is [..., length, size]."""
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


ATTENTION = "scaled_dot_product_attention" if hasattr(F, "scaled_dot_product_attention") else "bmm over grouped heads and softmax"
_masks: dict[tuple[int, int], torch.Tensor] = {}


def causal_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Attention of queries, [batch, heads, length, size], to keys and values, [batch, kv_heads, length, size]. PyTorch 2 has it as
    one operation. Before, the form below is the fastest: the query heads that share a key head are rows of one product, so nothing
    is expanded, and the mask is added in place."""
    if hasattr(F, "scaled_dot_product_attention"):
        group = q.shape[1] // k.shape[1]
        return F.scaled_dot_product_attention(q, k.repeat_interleave(group, 1), v.repeat_interleave(group, 1), is_causal=True)
    batch, heads, length, size = q.shape
    kv_heads = k.shape[1]
    group = heads // kv_heads
    if (group, length) not in _masks:
        mask = torch.full((length, length), float("-inf"), device=q.device).triu(1)
        _masks[group, length] = mask.repeat(group, 1)
    q = (q * size ** -0.5).reshape(batch * kv_heads, group * length, size)
    k, v = k.reshape(batch * kv_heads, length, size), v.reshape(batch * kv_heads, length, size)
    scores = torch.bmm(q, k.transpose(1, 2)).add_(_masks[group, length])
    return torch.bmm(scores.softmax(-1), v).view(batch, heads, length, size)


class Model:
    """A Llama, Qwen2 or Qwen3 model out of a checkpoint folder, in float32."""

    def __init__(self, folder: str):
        with open(f"{folder}/config.json") as file:
            c = json.load(file)
        if c["model_type"] not in ("llama", "qwen2", "qwen3") or c.get("rope_scaling") or c.get("use_sliding_window"):
            refuse(f"{folder}: this peer runs llama, qwen2 and qwen3 without scaled rotations and sliding windows")
        self.heads, self.kv_heads = c["num_attention_heads"], c.get("num_key_value_heads", c["num_attention_heads"])
        self.size = c.get("head_dim") or c["hidden_size"] // self.heads
        self.layers, self.eps = c["num_hidden_layers"], c["rms_norm_eps"]
        self.theta, self.vocabulary = c.get("rope_theta", 10000.0), c["vocab_size"]
        self.weights: dict[str, torch.Tensor] = {}
        for path in sorted(Path(folder).glob("*.safetensors")):
            self.weights.update({name: tensor.to(device) for name, tensor in read_safetensors(path).items()})
        if c.get("tie_word_embeddings", False):
            self.weights.pop("lm_head.weight", None)
        self.embedding = self.weights["model.embed_tokens.weight"]
        self.head = self.weights.get("lm_head.weight", self.embedding)

    def hidden(self, ids: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor, attend: Callable) -> torch.Tensor:
        """The final hidden states, [batch * length, width], of token ids, [batch, length]. `attend(layer, q, k, v)` gets queries,
        [batch, heads, length, size], and rotated keys and values, [batch, kv_heads, length, size], and returns the mixture in the
        queries' shape. The rows stay flat between the layers so that each projection is one matrix product."""
        batch, length = ids.shape
        w = self.weights
        x = F.embedding(ids.flatten(), self.embedding)
        for layer in range(self.layers):
            p = f"model.layers.{layer}."

            def project(name: str, heads: int) -> torch.Tensor:
                y = F.linear(normed, w[f"{p}self_attn.{name}_proj.weight"], w.get(f"{p}self_attn.{name}_proj.bias"))
                y = y.view(batch, length, heads, self.size)
                norm = w.get(f"{p}self_attn.{name}_norm.weight")
                return (y if norm is None else rms_norm(y, norm, self.eps)).transpose(1, 2)

            normed = rms_norm(x, w[p + "input_layernorm.weight"], self.eps)
            q, k, v = project("q", self.heads), project("k", self.kv_heads), project("v", self.kv_heads)
            mixed = attend(layer, rotate(q, cos, sin), rotate(k, cos, sin), v)
            mixed = mixed.transpose(1, 2).reshape(batch * length, self.heads * self.size)
            x = x + F.linear(mixed, w[p + "self_attn.o_proj.weight"])
            normed = rms_norm(x, w[p + "post_attention_layernorm.weight"], self.eps)
            active = F.silu(F.linear(normed, w[p + "mlp.gate_proj.weight"])) * F.linear(normed, w[p + "mlp.up_proj.weight"])
            x = x + F.linear(active, w[p + "mlp.down_proj.weight"])
        return rms_norm(x, w["model.norm.weight"], self.eps)
