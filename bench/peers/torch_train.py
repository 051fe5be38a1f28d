"""One training step of a language model in eager PyTorch, float32: zero_grad, forward over random tokens with causal attention, mean
next-token cross entropy through the full logits, backward, AdamW.

argv[1]: {"model": folder, "batch": B, "length": T, "learning_rate": 1e-5, "weight_decay": 0.0, "threads": 2, "device": "cpu"}.
A run prints {"seconds": s, "loss": l, "first_loss": f}: the loss before the step, and before the very first one; the same tokens every
time.

The faster of the plausible forms on two cores, batch 16, length 256: attention by bmm with the query heads of one key head as rows of
one product and the mask added in place. Forward and backward of that take 41 ms where PyTorch 1.13's _scaled_dot_product_attention
takes 46, matmul + mask + softmax over expanded heads 48, baddbmm onto the mask 42 to 49, masked_fill 47 to 55. AdamW with foreach=True
takes as long as without for a small model and up to a quarter longer for 30 million parameters, so it is off on the CPU; on CUDA it is
fused.
"""

from peer import ATTENTION, F, Model, causal_attention, config, device, keep_freed_memory, now, rotary_table, serve, torch

keep_freed_memory()
model = Model(config["model"])
batch, length = config["batch"], config["length"]
# The same tokens as on the other side: a multiplicative hash of the place.
ids = (torch.arange(batch * length) * 2654435761 % 2**32 // 256 % model.vocabulary).view(batch, length).to(device)
targets = ids[:, 1:].flatten()
cos, sin = rotary_table(length, model.size, model.theta)
parameters = [tensor.requires_grad_() for tensor in model.weights.values()]
form = {"fused": True} if device.type == "cuda" else {"foreach": False}
optimizer = torch.optim.AdamW(parameters, lr=config["learning_rate"], weight_decay=config["weight_decay"], **form)


def step() -> torch.Tensor:
    optimizer.zero_grad(set_to_none=True)
    hidden = model.hidden(ids, cos, sin, lambda layer, q, k, v: causal_attention(q, k, v))
    # The last position predicts nothing; its rows are left out before the product with the vocabulary.
    hidden = hidden.view(batch, length, -1)[:, :-1].flatten(0, 1)
    loss = F.cross_entropy(F.linear(hidden, model.head), targets)
    loss.backward()
    optimizer.step()
    return loss.detach()


losses: list[float] = []


def run() -> dict:
    start = now()
    loss = step()
    seconds = now() - start
    losses.append(loss.item())
    return {"seconds": seconds, "loss": losses[-1], "first_loss": losses[0]}


if __name__ == "__main__":
    serve(run, f"{batch} x {length} tokens, attention by {ATTENTION}, AdamW {form}")
