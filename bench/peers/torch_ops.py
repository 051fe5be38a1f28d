"""Single operations of a language model in eager PyTorch, float32, forward and backward.

argv[1]: {"op": name, "repeat": n, "threads": 2, "device": "cpu", ...}; a run does the operation `repeat` times and prints
{"seconds": seconds of one repetition}. The operations and their keys:
  rmsnorm        rows, width                              Hugging Face's LlamaRMSNorm, gradients of the input and the weight
  swiglu         rows, width                              silu(gate) * up
  rotary         batch, length, heads, head_dim           Hugging Face's rotate_half form
  normed_rotary  batch, length, heads, head_dim           the norm of each head (Qwen3), then the rotation
  attention      batch, length, heads, kv_heads, head_dim causal, as in peer.causal_attention
  softmax        rows, width
  cross_entropy  rows, vocab                              from logits, the mean over rows
  head           rows, width, vocab                       product with the vocabulary, then cross entropy
  adamw          parameters                               one step of torch.optim.AdamW over matrices of at most 1024 x 1024

The output's gradient is a constant given to backward, and gradients are freed between repetitions, as zero_grad(set_to_none=True)
does, so that nothing is accumulated.
"""

from typing import Callable

from peer import F, causal_attention, config, device, keep_freed_memory, now, rms_norm, rotary_table, rotate, serve, torch

keep_freed_memory()
torch.manual_seed(config.get("seed", 1))


def leaf(*shape: int) -> torch.Tensor:
    return torch.randn(shape).to(device).requires_grad_()


def differentiated(compute: Callable[[], torch.Tensor], *inputs: torch.Tensor) -> Callable[[], None]:
    gradient = torch.randn_like(compute())

    def once() -> None:
        for tensor in inputs:
            tensor.grad = None
        compute().backward(gradient)

    return once


def heads(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """A projection's output as the model has it, [batch, length, heads, size], and the view on it with heads before positions."""
    projected = leaf(config["batch"], config["length"], count, config["head_dim"])
    return projected, projected.transpose(1, 2)


def operation(name: str) -> Callable[[], None]:
    if name == "rmsnorm":
        x, weight = leaf(config["rows"], config["width"]), leaf(config["width"])
        return differentiated(lambda: rms_norm(x, weight, 1e-6), x, weight)
    if name == "swiglu":
        gate, up = leaf(config["rows"], config["width"]), leaf(config["rows"], config["width"])
        return differentiated(lambda: F.silu(gate) * up, gate, up)
    if name == "rotary":
        x, view = heads(config["heads"])
        cos, sin = rotary_table(config["length"], config["head_dim"], 10000.0)
        return differentiated(lambda: rotate(view, cos, sin), x)
    if name == "normed_rotary":
        x, view = heads(config["heads"])
        weight = leaf(config["head_dim"])
        cos, sin = rotary_table(config["length"], config["head_dim"], 10000.0)
        return differentiated(lambda: rotate(rms_norm(view, weight, 1e-6), cos, sin), x, weight)
    if name == "attention":
        (q, queries), (k, keys), (v, values) = heads(config["heads"]), heads(config["kv_heads"]), heads(config["kv_heads"])
        return differentiated(lambda: causal_attention(queries, keys, values), q, k, v)
    if name == "softmax":
        x = leaf(config["rows"], config["width"])
        return differentiated(lambda: x.softmax(-1), x)
    if name == "cross_entropy":
        x = leaf(config["rows"], config["vocab"])
        targets = torch.randint(config["vocab"], (config["rows"],)).to(device)
        return differentiated(lambda: F.cross_entropy(x, targets), x)
    if name == "head":
        x, weight = leaf(config["rows"], config["width"]), leaf(config["vocab"], config["width"])
        targets = torch.randint(config["vocab"], (config["rows"],)).to(device)
        return differentiated(lambda: F.cross_entropy(F.linear(x, weight), targets), x, weight)
    if name == "adamw":
        full, rest = divmod(config["parameters"], 1 << 20)
        tensors = [leaf(1024, 1024) for _ in range(full)] + ([leaf(rest)] if rest else [])
        for tensor in tensors:
            tensor.grad = torch.randn_like(tensor)
        # foreach=True is no faster on the CPU; see torch_train.py.
        form = {"fused": True} if device.type == "cuda" else {"foreach": False}
        return torch.optim.AdamW(tensors, lr=1e-5, weight_decay=0.01, **form).step
    raise ValueError(name)


once, repeat = operation(config["op"]), config["repeat"]


def run() -> dict:
    start = now()
    for _ in range(repeat):
        once()
    return {"seconds": (now() - start) / repeat}


if __name__ == "__main__":
    serve(run, f"{config['op']}, mean of {repeat} repetitions")
