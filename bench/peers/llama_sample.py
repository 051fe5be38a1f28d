"""The time that llama.cpp takes to sample: `samples` answers of exactly `new_tokens` tokens to one prompt, as our sampler does for GRPO.

One run begins with empty caches. A context computes the prompt once and copies its cache to every sequence; then each llama_decode takes
one token of each of its sequences. The next tokens come from llama.cpp's own sampler ("dist": the whole distribution, no top-k), and an
end token ends nothing. The last tokens are sampled but not decoded, so `new_tokens` - 1 such decodes follow the prompt.

This is the library of the npm package node-llama-cpp (or of the folder in REASONING_LLAMA), called through its C API: through the
package's own interface JavaScript is measured too. Seconds for the starter (2.9 million weights, 64 answers of 128 tokens, prompt of 32)
on two cores of an EPYC 9005 that had little else to do:
    two contexts of 32 sequences, a thread each ("contexts": 2)                                 1.35 to 1.5
    one context of 64, two threads ("contexts": 1)                                              1.7 to 2.1; on one thread 2.7
    node-llama-cpp: its binding (decodeBatch and sampleToken of the context)                    2.3 to 3.1, more when a thread waits
    node-llama-cpp: its public interface (a sequence.evaluate for each answer)                  18 for a quarter of the tokens
Two contexts are the default because the threads of one context wait for each other after each of hundreds of operations a token, by
spinning: that costs a fifth or more, and where something else wants one of the cores it costs several times the whole (runs of 5 to 26 s).
Of these 0.05 s are the sampler and Python. The other choices, measured with one context of 64 on two threads, take the fastest:
    cache in float32 without flash attention 1.7, float16 2.0, float16 with flash attention (the default) 2.5, float32 with it 4.5;
    one cache for all sequences (kv_unified) 3.5 to 7.9, as every token is compared with the places of every sequence;
    threads pinned to cores (llama-cli's --cpu-strict) 1.7 as without, but the scheduler cannot put both on one core (seen: 16 s)

Configuration: model (GGUF file, float32), prompt (ids), samples, new_tokens, temperature, threads, modules (folder with node_modules),
contexts (a divisor of threads; by default as many).
Each run answers with seconds, decode_seconds (llama_decode only, prompt included, of the context that took longest) and tokens.
"""
from __future__ import annotations

import ctypes as c
import json
import os
import platform
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

HERE = Path(__file__).resolve().parent


def answer(**values: object) -> None:
    print(json.dumps(values), flush=True)


def missing(reason: str) -> NoReturn:
    answer(ready=False, reason=reason)
    sys.exit(0)


# Structures of include/llama.h and ggml.h. A larger one than the library's is harmless where it is returned or passed by value, so
# "rest" makes room for what later versions append.


class ModelParams(c.Structure):
    _fields_ = [("devices", c.POINTER(c.c_void_p)), ("rest", c.c_uint8 * 504)]


def context_params(counts: list[str]) -> type[c.Structure]:
    def fields(kind: Any, names: str) -> list[tuple[str, Any]]:
        return [(name, kind) for name in names.split()]

    class ContextParams(c.Structure):
        _fields_ = [
            *fields(c.c_uint32, "n_ctx n_batch n_ubatch n_seq_max"),
            *[(name, c.c_uint32) for name in counts],
            *fields(c.c_int32, "n_threads n_threads_batch"),
            *fields(c.c_int32, "ctx_type rope_scaling_type pooling_type attention_type flash_attn_type"),
            *fields(c.c_float, "rope_freq_base rope_freq_scale yarn_ext_factor yarn_attn_factor yarn_beta_fast yarn_beta_slow"),
            ("yarn_orig_ctx", c.c_uint32),
            ("defrag_thold", c.c_float),
            *fields(c.c_void_p, "cb_eval cb_eval_user_data"),
            *fields(c.c_int32, "type_k type_v"),
            *fields(c.c_void_p, "abort_callback abort_callback_data"),
            *fields(c.c_bool, "embeddings offload_kqv no_perf op_offload swa_full kv_unified"),
            ("rest", c.c_uint8 * 128),
        ]

    return ContextParams


# Versions differ in the counts after n_seq_max. The right layout is the one in which the library's defaults are where they belong.
COUNTS = ["n_rs_seq", "n_outputs_max", "n_outputs_max_per_seq"]
DEFAULTS = {
    "n_ctx": 512, "n_batch": 2048, "n_ubatch": 512, "n_seq_max": 1, "n_threads": 4, "n_threads_batch": 4, "ctx_type": 0,
    "rope_scaling_type": -1, "pooling_type": -1, "attention_type": -1, "flash_attn_type": -1, "rope_freq_base": 0, "yarn_ext_factor": -1,
    "defrag_thold": -1, "cb_eval": None, "type_k": 1, "type_v": 1, "abort_callback": None, "embeddings": False, "offload_kqv": True,
    "no_perf": True, "op_offload": True, "kv_unified": False,
}
F32 = 0  # GGML_TYPE_F32


class Batch(c.Structure):
    _fields_ = [
        ("n_tokens", c.c_int32),
        ("token", c.POINTER(c.c_int32)),
        ("embd", c.POINTER(c.c_float)),
        ("pos", c.POINTER(c.c_int32)),
        ("n_seq_id", c.POINTER(c.c_int32)),
        ("seq_id", c.POINTER(c.POINTER(c.c_int32))),
        ("logits", c.POINTER(c.c_int8)),
    ]


class ThreadPoolParams(c.Structure):
    _fields_ = [
        ("cpumask", c.c_bool * 512),
        ("n_threads", c.c_int32),
        ("prio", c.c_int32),
        ("poll", c.c_uint32),
        ("strict_cpu", c.c_bool),
        ("paused", c.c_bool),
    ]


def library_folder(modules: Path) -> Path:
    if own := os.environ.get("REASONING_LLAMA"):
        return Path(own)
    kind = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}.get(platform.machine(), "linux-x64")
    return modules / "node_modules" / "@node-llama-cpp" / kind / "bins" / kind


def load(folder: Path, name: str) -> c.CDLL:
    found = [file for file in sorted(folder.glob(f"{name}*.so")) if re.fullmatch(rf"{name}(\.[^-]*)?\.so", file.name)]
    if not found:
        missing(f"no {name}.so in {folder}: npm install in tests/oracles (node-llama-cpp), or set REASONING_LLAMA to a build of llama.cpp")
    return c.CDLL(str(found[0]), mode=c.RTLD_GLOBAL)


def function(library: c.CDLL, name: str, result: Any, *arguments: Any) -> Any:
    found = getattr(library, name)
    found.restype, found.argtypes = result, list(arguments)
    return found


def cores() -> list[int]:
    """Processors that this process may use, one of each core."""
    firsts = set()
    for cpu in sorted(os.sched_getaffinity(0)):
        try:
            siblings = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list").read_text()
            firsts.add(int(re.split("[,-]", siblings.strip())[0]))
        except OSError:
            firsts.add(cpu)
    return sorted(firsts & os.sched_getaffinity(0))


config = json.loads(sys.argv[1])
samples, new_tokens, prompt, threads = config["samples"], config["new_tokens"], config["prompt"], config["threads"]
os.environ.setdefault("GGML_NO_BACKTRACE", "1")  # else a failed assertion starts a debugger
folder = library_folder(Path(config.get("modules") or HERE / "../../tests/oracles"))
base, ggml, llama = (load(folder, name) for name in ["libggml-base", "libggml", "libllama"])

messages: list[str] = []


@c.CFUNCTYPE(None, c.c_int, c.c_char_p, c.c_void_p)
def keep_errors(level: int, text: bytes, _: object) -> None:
    if level == 4:
        messages.append(text.decode(errors="replace").strip())


function(llama, "llama_log_set", None, c.c_void_p, c.c_void_p)(c.cast(keep_errors, c.c_void_p), None)

# The processor's code is a library of its own in the package, one for each instruction set; ggml takes the best that runs here.
registered = function(ggml, "ggml_backend_reg_by_name", c.c_void_p, c.c_char_p)
if not registered(b"CPU"):
    function(ggml, "ggml_backend_load_all_from_path", None, c.c_char_p)(str(folder).encode())
if not registered(b"CPU"):
    missing(f"{folder}: no backend for this processor. {' '.join(messages)}")

model_params = function(llama, "llama_model_default_params", ModelParams)()
model_params.devices = (c.c_void_p * 1)(None)  # an empty list: the processor only, whatever else the build can use
model = function(llama, "llama_model_load_from_file", c.c_void_p, c.c_char_p, ModelParams)(config["model"].encode(), model_params)
if not model:
    missing(f"llama.cpp does not load {config['model']}. {' '.join(messages)}")

for count in range(len(COUNTS), -1, -1):
    ContextParams = context_params(COUNTS[:count])
    params: Any = function(llama, "llama_context_default_params", ContextParams)()
    if all(getattr(params, name) == value for name, value in DEFAULTS.items()):
        break
else:
    missing(f"{folder}: llama_context_params has a layout that this script does not know")

length = -(-(len(prompt) + new_tokens) // 256) * 256  # llama.cpp rounds up to this itself
contexts = min(config.get("contexts", threads), samples)
each = threads // contexts
if each * contexts != threads:
    missing(f"{threads} threads cannot be shared evenly by {contexts} contexts")
pinned = each > 1 and threads <= len(cores())

new_context = function(llama, "llama_init_from_model", c.c_void_p, c.c_void_p, ContextParams)
pool_defaults = function(base, "ggml_threadpool_params_default", ThreadPoolParams, c.c_int)
find = function(base, "ggml_backend_reg_get_proc_address", c.c_void_p, c.c_void_p, c.c_char_p)
new_pool = c.CFUNCTYPE(c.c_void_p, c.POINTER(ThreadPoolParams))(find(registered(b"CPU"), b"ggml_threadpool_new"))
attach = function(llama, "llama_attach_threadpool", None, c.c_void_p, c.c_void_p, c.c_void_p)
new_chain = function(llama, "llama_sampler_chain_init", c.c_void_p, c.c_bool)
add = function(llama, "llama_sampler_chain_add", None, c.c_void_p, c.c_void_p)
new_temperature = function(llama, "llama_sampler_init_temp", c.c_void_p, c.c_float)
new_distribution = function(llama, "llama_sampler_init_dist", c.c_void_p, c.c_uint32)
memory_of = function(llama, "llama_get_memory", c.c_void_p, c.c_void_p)
clear = function(llama, "llama_memory_clear", None, c.c_void_p, c.c_bool)
copy = function(llama, "llama_memory_seq_cp", None, c.c_void_p, *[c.c_int32] * 4)
decode = function(llama, "llama_decode", c.c_int32, c.c_void_p, Batch)
synchronize = function(llama, "llama_synchronize", None, c.c_void_p)
sample = function(llama, "llama_sampler_sample", c.c_int32, c.c_void_p, c.c_void_p, c.c_int32)
new_batch = function(llama, "llama_batch_init", Batch, *[c.c_int32] * 3)


def batch_of(size: int) -> Batch:
    batch = new_batch(size, 0, 1)
    batch.n_tokens = size
    for i in range(size):
        batch.n_seq_id[i] = 1
    return batch


class Sampler:
    """A context for some of the answers."""

    def __init__(self, index: int, count: int) -> None:
        params.n_ctx = length * count
        params.n_seq_max = count
        params.n_batch = max(count, len(prompt))
        params.n_ubatch = min(512, params.n_batch)
        params.n_threads = params.n_threads_batch = each
        params.type_k = params.type_v = F32
        params.flash_attn_type = 0
        params.kv_unified = False
        self.context = new_context(model, params)
        if not self.context:
            missing(f"llama.cpp makes no context of {count} sequences of {length}. {' '.join(messages)}")
        self.memory = memory_of(self.context)
        self.sequences = range(count)

        # Threads that live between decodes, as llama-cli and llama-server have them; without a pool each decode starts its own.
        pool = pool_defaults(each)
        if pinned:
            pool.strict_cpu = True
            for cpu in cores()[index * each : (index + 1) * each]:
                pool.cpumask[cpu] = True
        if each > 1:
            attach(self.context, new_pool(c.byref(pool)), None)

        # Without top-k and the like; a temperature of 1 changes nothing.
        self.chain = new_chain(True)
        if config.get("temperature", 1) != 1:
            add(self.chain, new_temperature(config["temperature"]))
        add(self.chain, new_distribution(1 + index))

        self.first, self.step = batch_of(len(prompt)), batch_of(count)
        for i, token in enumerate(prompt):
            self.first.token[i], self.first.pos[i], self.first.seq_id[i][0], self.first.logits[i] = token, i, 0, i == len(prompt) - 1
        for i in self.sequences:
            self.step.seq_id[i][0], self.step.logits[i] = i, 1

    def decode(self, batch: Batch) -> None:
        start = time.perf_counter()
        status = decode(self.context, batch)
        synchronize(self.context)
        self.seconds += time.perf_counter() - start
        if status != 0:
            raise RuntimeError(f"llama_decode: {status}. {' '.join(messages)}")

    def run(self) -> None:
        self.seconds = 0.0
        clear(self.memory, False)
        self.decode(self.first)
        for i in self.sequences[1:]:
            copy(self.memory, 0, i, -1, -1)
        self.answers = [[sample(self.chain, self.context, -1) for _ in self.sequences]]
        for position in range(len(prompt), len(prompt) + new_tokens - 1):
            ids = self.answers[-1]
            for i in self.sequences:
                self.step.token[i] = ids[i]
                self.step.pos[i] = position
            self.decode(self.step)
            self.answers.append([sample(self.chain, self.context, i) for i in self.sequences])


samplers = [Sampler(i, samples * (i + 1) // contexts - samples * i // contexts) for i in range(contexts)]


def run() -> dict[str, object]:
    start = time.perf_counter()
    if contexts == 1:
        samplers[0].run()
    else:  # calls of the library do not hold Python's lock
        list(workers.map(Sampler.run, samplers))
    seconds = time.perf_counter() - start
    tokens = sum(len(ids) for sampler in samplers for ids in sampler.answers)
    return {"seconds": seconds, "decode_seconds": max(sampler.seconds for sampler in samplers), "tokens": tokens}


workers = ThreadPoolExecutor(contexts)
run()

try:
    release = json.loads((folder / "_nlcBuildMetadata.json").read_text())["buildOptions"]["llamaCpp"]["release"]
except OSError:
    release = "of REASONING_LLAMA"
code = next((line.rsplit("/", 1)[1].strip() for line in open("/proc/self/maps") if "libggml-cpu" in line), "libggml")
how = f"{contexts} contexts of {samples // contexts} sequences, {each} thread each" if contexts > 1 else f"one context of {samples} sequences"
if each > 1:
    how += ", pinned threads" if pinned else ", threads not pinned as there are fewer cores"
answer(
    ready=True,
    name=f"llama.cpp {release}",
    threads=threads,
    note=f"C API, {code}; {how}, each llama_decode takes a token of every sequence; prompt computed once a context and copied; cache in "
    "float32 with a stream per sequence, no flash attention; its own sampler, in the time",
)
for line in sys.stdin:
    if line.split(" ", 1)[0].strip() == "run":
        answer(**run())
