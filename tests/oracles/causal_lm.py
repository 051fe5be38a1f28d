"""An independent causal language model in PyTorch, float64, one sequence at a time: the oracle of the engine tests.

usage: causal_lm.py CHECKPOINT_FOLDER REQUEST.json OUTPUT.safetensors

The request is {"sequences": [[ids], ...], "predictor": [[...]] or null, "alpha": 1.0, "temperature": 1.0, "steps": 5}.
Written to the output, all float64:
  logprob, entropy            for each next token of each sequence, sequences one after the other
  grad.NAME                   gradient of  mean(-0.7 logprob + 0.3 entropy)  for every parameter
  zerosiam.online_entropy, zerosiam.divergence, zerosiam.grad.NAME, zerosiam.grad.predictor
                              for  mean(H(p_o) + alpha (KL(p_r||p_o) + KL(p_o||p_r))),  p_r detached
  adamw.NAME, sgd.NAME        every parameter after `steps` steps on the first loss (AdamW lr 1e-3, weight decay 0.01;
                              SGD lr 1e-2, momentum 0.9)
"""

import json
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


def rotate(x, positions, theta):
    half = x.shape[-1] // 2
    frequencies = theta ** (-torch.arange(half, dtype=torch.float64) / half)
    angles = positions[:, None].double() * frequencies[None, :]
    cos, sin = angles.cos()[:, None, :], angles.sin()[:, None, :]
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def hidden(parameters, config, ids):
    heads, kv_heads = config["num_attention_heads"], config.get("num_key_value_heads", config["num_attention_heads"])
    size = config.get("head_dim") or config["hidden_size"] // heads
    eps, theta = config["rms_norm_eps"], config["rope_theta"]
    n = len(ids)
    positions = torch.arange(n)
    mask = torch.full((n, n), float("-inf"), dtype=torch.float64).triu(1)
    x = parameters["model.embed_tokens.weight"][torch.tensor(ids)]
    for layer in range(config["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        normed = rms_norm(x, parameters[p + "input_layernorm.weight"], eps)
        parts = []
        for name, count in (("q_proj", heads), ("k_proj", kv_heads), ("v_proj", kv_heads)):
            y = normed @ parameters[p + f"self_attn.{name}.weight"].T
            if p + f"self_attn.{name}.bias" in parameters:
                y = y + parameters[p + f"self_attn.{name}.bias"]
            parts.append(y.view(n, count, size))
        q, k, v = parts
        if p + "self_attn.q_norm.weight" in parameters:
            q = rms_norm(q, parameters[p + "self_attn.q_norm.weight"], eps)
            k = rms_norm(k, parameters[p + "self_attn.k_norm.weight"], eps)
        q, k = rotate(q, positions, theta), rotate(k, positions, theta)
        k, v = k.repeat_interleave(heads // kv_heads, 1), v.repeat_interleave(heads // kv_heads, 1)
        scores = torch.einsum("ihd,jhd->hij", q, k) / size ** 0.5 + mask
        mixed = torch.einsum("hij,jhd->ihd", scores.softmax(-1), v).reshape(n, heads * size)
        x = x + mixed @ parameters[p + "self_attn.o_proj.weight"].T
        normed = rms_norm(x, parameters[p + "post_attention_layernorm.weight"], eps)
        gate = normed @ parameters[p + "mlp.gate_proj.weight"].T
        up = normed @ parameters[p + "mlp.up_proj.weight"].T
        x = x + (torch.nn.functional.silu(gate) * up) @ parameters[p + "mlp.down_proj.weight"].T
    return rms_norm(x, parameters["model.norm.weight"], eps)


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

    write_safetensors(output, result)


if __name__ == "__main__":
    main()
