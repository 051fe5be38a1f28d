"""An independent causal language model in PyTorch, float64, one sequence at a time: the oracle of the engine tests.

usage: causal_lm.py CHECKPOINT_FOLDER REQUEST.json OUTPUT.safetensors

The request is {"sequences": [[ids], ...], "predictor": [[...]] or null, "alpha": 1.0, "temperature": 1.0, "steps": 5,
"prompts": [[ids], ...], "new_tokens": 20}.
Written to the output, all float64:
  logprob, entropy            for each next token of each sequence, sequences one after the other
  grad.NAME                   gradient of  mean(-0.7 logprob + 0.3 entropy)  for every parameter
  zerosiam.online_entropy, zerosiam.divergence, zerosiam.grad.NAME, zerosiam.grad.predictor
                              for  mean(H(p_o) + alpha (KL(p_r||p_o) + KL(p_o||p_r))),  p_r detached
  adamw.NAME, sgd.NAME        every parameter after `steps` steps on the first loss (AdamW lr 1e-3, weight decay 0.01;
                              SGD lr 1e-2, momentum 0.9)
  greedy.ids, greedy.logprob  [prompts, new_tokens] the most likely continuation of each prompt, and ln p of its tokens at
                              temperature 1, without any cache
"""

import json
import math
import struct
import sys

import numpy
import torch

DTYPES = {"F64": numpy.float64, "F32": numpy.float32, "F16": numpy.float16}


def read_safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        raw = data[begin:end]
        if entry["dtype"] == "BF16":
            bits = numpy.frombuffer(raw, dtype=numpy.uint16).astype(numpy.uint32) << 16
            array = bits.view(numpy.float32)
        else:
            array = numpy.frombuffer(raw, dtype=DTYPES[entry["dtype"]])
        tensors[name] = torch.tensor(array.reshape(entry["shape"]).astype(numpy.float64))
    return tensors


def write_safetensors(path, tensors):
    header, offset, chunks = {}, 0, []
    for name, tensor in sorted(tensors.items()):
        raw = tensor.detach().contiguous().numpy().astype(numpy.float64).tobytes()
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
        chunks.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for chunk in chunks:
            file.write(chunk)


def rms_norm(x, weight, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def layer_kinds(config):
    """For each layer: how many tokens it sees (None for all), and the base and the scaling of its rotation."""
    count, family = config["num_hidden_layers"], config["model_type"]
    window, types = config.get("sliding_window"), config.get("layer_types")
    if family == "mistral":
        slides = [window is not None] * count
    elif family == "gemma3_text" or config.get("use_sliding_window"):
        slides = [kind == "sliding_attention" for kind in types]
    else:
        slides = [False] * count
    kinds = []
    for sliding in slides:
        local = sliding and "rope_local_base_freq" in config
        theta = config["rope_local_base_freq"] if local else config["rope_theta"]
        kinds.append((window if sliding else None, theta, None if local else config.get("rope_scaling")))
    return kinds


def rotary_frequencies(size, theta, scaling):
    frequencies = [theta ** (-2 * i / size) for i in range(size // 2)]
    if scaling is None:
        return frequencies
    factor = scaling["factor"]
    if scaling["rope_type"] == "linear":
        return [f / factor for f in frequencies]
    assert scaling["rope_type"] == "llama3"
    low, high, original = scaling["low_freq_factor"], scaling["high_freq_factor"], scaling["original_max_position_embeddings"]
    scaled = []
    for f in frequencies:
        wavelength = 2 * math.pi / f
        if wavelength < original / high:
            scaled.append(f)
        elif wavelength > original / low:
            scaled.append(f / factor)
        else:
            smooth = (original / wavelength - low) / (high - low)
            scaled.append((1 - smooth) * f / factor + smooth * f)
    return scaled


def rotate(x, positions, theta, scaling):
    half = x.shape[-1] // 2
    frequencies = torch.tensor(rotary_frequencies(2 * half, theta, scaling), dtype=torch.float64)
    angles = positions[:, None].double() * frequencies[None, :]
    cos, sin = angles.cos()[:, None, :], angles.sin()[:, None, :]
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def hidden(parameters, config, ids):
    heads, kv_heads = config["num_attention_heads"], config.get("num_key_value_heads", config["num_attention_heads"])
    size = config.get("head_dim") or config["hidden_size"] // heads
    eps, gemma = config["rms_norm_eps"], config["model_type"] == "gemma3_text"
    scale = (config["query_pre_attn_scalar"] if gemma else size) ** -0.5
    n = len(ids)
    positions = torch.arange(n)
    distance = positions[:, None] - positions[None, :]
    x = parameters["model.embed_tokens.weight"][torch.tensor(ids)]
    if gemma:
        x = x * config["hidden_size"] ** 0.5

    def norm(values, name):
        weight = parameters[name + ".weight"]
        return rms_norm(values, 1 + weight if gemma else weight, eps)

    for layer, (window, theta, scaling) in enumerate(layer_kinds(config)):
        p = f"model.layers.{layer}."
        hides = distance < 0 if window is None else (distance < 0) | (distance >= window)
        mask = torch.zeros((n, n), dtype=torch.float64).masked_fill(hides, float("-inf"))
        normed = norm(x, p + "input_layernorm")
        parts = []
        for name, count in (("q_proj", heads), ("k_proj", kv_heads), ("v_proj", kv_heads)):
            y = normed @ parameters[p + f"self_attn.{name}.weight"].T
            if p + f"self_attn.{name}.bias" in parameters:
                y = y + parameters[p + f"self_attn.{name}.bias"]
            parts.append(y.view(n, count, size))
        q, k, v = parts
        if p + "self_attn.q_norm.weight" in parameters:
            q, k = norm(q, p + "self_attn.q_norm"), norm(k, p + "self_attn.k_norm")
        q, k = rotate(q, positions, theta, scaling), rotate(k, positions, theta, scaling)
        k, v = k.repeat_interleave(heads // kv_heads, 1), v.repeat_interleave(heads // kv_heads, 1)
        scores = torch.einsum("ihd,jhd->hij", q, k) * scale + mask
        mixed = torch.einsum("hij,jhd->ihd", scores.softmax(-1), v).reshape(n, heads * size)
        attended = mixed @ parameters[p + "self_attn.o_proj.weight"].T
        x = x + (norm(attended, p + "post_attention_layernorm") if gemma else attended)
        normed = norm(x, p + ("pre_feedforward_layernorm" if gemma else "post_attention_layernorm"))
        gate = normed @ parameters[p + "mlp.gate_proj.weight"].T
        up = normed @ parameters[p + "mlp.up_proj.weight"].T
        active = torch.nn.functional.gelu(gate, approximate="tanh") if gemma else torch.nn.functional.silu(gate)
        update = (active * up) @ parameters[p + "mlp.down_proj.weight"].T
        x = x + (norm(update, p + "post_feedforward_layernorm") if gemma else update)
    return norm(x, "model.norm")


def head(parameters):
    return parameters.get("lm_head.weight", parameters["model.embed_tokens.weight"])


def score(parameters, config, sequences, temperature):
    logprobs, entropies = [], []
    for ids in sequences:
        logits = hidden(parameters, config, ids)[:-1] @ head(parameters).T / temperature
        logp = logits.log_softmax(-1)
        logprobs.append(logp.gather(1, torch.tensor(ids[1:])[:, None])[:, 0])
        entropies.append(-(logp.exp() * logp).sum(-1))
    return torch.cat(logprobs), torch.cat(entropies)


def zerosiam(parameters, config, sequences, predictor, temperature):
    entropies, divergences = [], []
    for ids in sequences:
        h = hidden(parameters, config, ids)[:-1]
        online = (h @ predictor.T @ head(parameters).T / temperature).log_softmax(-1)
        target = (h @ head(parameters).T / temperature).log_softmax(-1).detach()
        entropies.append(-(online.exp() * online).sum(-1))
        divergences.append((target.exp() * (target - online)).sum(-1) + (online.exp() * (online - target)).sum(-1))
    return torch.cat(entropies), torch.cat(divergences)


def greedy(parameters, config, prompts, count):
    all_ids, all_logprobs = [], []
    with torch.no_grad():
        for prompt in prompts:
            ids, logprobs = list(prompt), []
            for _ in range(count):
                logp = (hidden(parameters, config, ids)[-1] @ head(parameters).T).log_softmax(-1)
                best = int(logp.argmax())
                ids.append(best)
                logprobs.append(logp[best])
            all_ids.append(torch.tensor(ids[len(prompt):], dtype=torch.float64))
            all_logprobs.append(torch.stack(logprobs))
    return torch.stack(all_ids), torch.stack(all_logprobs)


def loss_of(parameters, config, request):
    logprob, entropy = score(parameters, config, request["sequences"], request["temperature"])
    return (-0.7 * logprob + 0.3 * entropy).mean(), logprob, entropy


def main():
    folder, request_path, output = sys.argv[1:]
    torch.set_num_threads(1)
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    with open(request_path) as file:
        request = json.load(file)
    start = read_safetensors(f"{folder}/model.safetensors")

    def fresh():
        return {name: tensor.clone().requires_grad_() for name, tensor in start.items()}

    result = {}
    parameters = fresh()
    loss, logprob, entropy = loss_of(parameters, config, request)
    loss.backward()
    result.update({"logprob": logprob, "entropy": entropy})
    result.update({f"grad.{name}": tensor.grad for name, tensor in parameters.items()})

    if request.get("predictor") is not None:
        parameters = fresh()
        predictor = torch.tensor(request["predictor"], dtype=torch.float64).requires_grad_()
        entropy, divergence = zerosiam(parameters, config, request["sequences"], predictor, request["temperature"])
        (entropy + request["alpha"] * divergence).mean().backward()
        result.update({"zerosiam.online_entropy": entropy, "zerosiam.divergence": divergence, "zerosiam.grad.predictor": predictor.grad})
        result.update({f"zerosiam.grad.{name}": tensor.grad for name, tensor in parameters.items()})

    for name, make in (
        ("adamw", lambda p: torch.optim.AdamW(p, lr=1e-3, weight_decay=0.01)),
        ("sgd", lambda p: torch.optim.SGD(p, lr=1e-2, momentum=0.9)),
    ):
        parameters = fresh()
        optimizer = make(list(parameters.values()))
        for _ in range(request["steps"]):
            optimizer.zero_grad()
            loss_of(parameters, config, request)[0].backward()
            optimizer.step()
        result.update({f"{name}.{key}": tensor for key, tensor in parameters.items()})

    result["greedy.ids"], result["greedy.logprob"] = greedy(start, config, request["prompts"], request["new_tokens"])
    write_safetensors(output, result)


if __name__ == "__main__":
    main()
