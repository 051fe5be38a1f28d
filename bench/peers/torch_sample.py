"""Sampling from a language model in eager PyTorch, float32: the prompt once, its keys and values given to every sample, then one
token of each sample per step with a cache of keys and values, softmax and torch.multinomial, always exactly new_tokens tokens.

argv[1]: {"model": folder, "samples": 64, "new_tokens": 128, "prompt": [ids], "temperature": 1.0, "threads": 2, "device": "cpu",
"seed": 1}. A run prints {"seconds": s, "tokens": samples * new_tokens}; the prompt's time is part of it.

The forms tried, for 64 samples of 128 tokens of a model of 3 million parameters on two cores: a preallocated cache written in place
and torch.cat take the same within the noise (0.80 and 0.79 s), and the first does not copy a longer cache at each step; products by
torch.bmm in which the query heads of one key head are rows take 0.80 s, by torch.einsum 0.81, by elementwise multiplication and sum
0.88. multinomial with replacement is the same distribution for one draw and takes 0.03 ms a step instead of 0.54.
"""

from peer import F, Model, causal_attention, config, device, keep_freed_memory, now, rotary_table, serve, torch

keep_freed_memory()
model = Model(config["model"])
samples, count, temperature = config["samples"], config["new_tokens"], config.get("temperature", 1.0)
prompt = torch.tensor([config["prompt"]], device=device)
length = prompt.shape[1] + count
cos, sin = rotary_table(length, model.size, model.theta)
cached = (samples * model.kv_heads, length, model.size)


def generate() -> torch.Tensor:
    """Token ids, [samples, new_tokens]."""
    keys = [torch.empty(cached, device=device) for _ in range(model.layers)]
    values = [torch.empty(cached, device=device) for _ in range(model.layers)]
    start = prompt.shape[1]

    def attend_prompt(layer: int, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        keys[layer][:, :start] = k.expand(samples, -1, -1, -1).flatten(0, 1)
        values[layer][:, :start] = v.expand(samples, -1, -1, -1).flatten(0, 1)
        return causal_attention(q, k, v)

    def attend_token(layer: int, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        keys[layer][:, position] = k.reshape(-1, model.size)
        values[layer][:, position] = v.reshape(-1, model.size)
        q = (q * model.size ** -0.5).reshape(cached[0], -1, model.size)
        weights = torch.bmm(q, keys[layer][:, :position + 1].transpose(1, 2)).softmax(-1)
        return torch.bmm(weights, values[layer][:, :position + 1]).view(samples, model.heads, 1, model.size)

    hidden = model.hidden(prompt, cos[:start], sin[:start], attend_prompt)
    logits = F.linear(hidden[-1:], model.head).expand(samples, -1)
    tokens = torch.empty((samples, count), dtype=torch.long, device=device)
    for step in range(count):
        ids = torch.multinomial((logits / temperature).softmax(-1), 1, replacement=True)
        tokens[:, step:step + 1] = ids
        if step + 1 < count:
            position = start + step
            hidden = model.hidden(ids, cos[position:position + 1], sin[position:position + 1], attend_token)
            logits = F.linear(hidden, model.head)
    return tokens


def run() -> dict:
    with torch.inference_mode():
        start = now()
        tokens = generate()
        return {"seconds": now() - start, "tokens": tokens.numel()}


if __name__ == "__main__":
    torch.manual_seed(config.get("seed", 1))
    serve(run, f"{samples} samples, a prompt of {prompt.shape[1]} and {count} new tokens, preallocated cache, bmm over grouped heads")
