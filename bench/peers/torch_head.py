"""The head of a language model with a large vocabulary in eager PyTorch, float32: log-probability and entropy of each row through the
full logits, the loss mean(-log p) + 0.1 mean(entropy), and the gradients of the hidden states and of the head.

argv[1]: {"rows": 2048, "width": 896, "vocab": 151936, "threads": 2, "device": "cpu", "seed": 1}. A run prints {"seconds": s, "loss": l,
"peak_bytes": b}.

log_softmax, gather and exp, as one writes it: the logits themselves have no name and are freed as soon as log_softmax has read them.

peak_bytes is the most memory of a run beyond the inputs and their gradients. On the CPU it is the peak of the resident memory
(5 into /proc/self/clear_refs sets VmHWM of /proc/self/status back) less VmRSS before the run less the bytes of both gradients, so
keep_freed_memory() is not called here: every freed tensor goes back to the system. On CUDA it is torch.cuda.max_memory_allocated
in place of VmHWM and torch.cuda.memory_allocated in place of VmRSS.
"""

from pathlib import Path

from peer import F, config, device, now, serve, torch

rows, width, vocabulary = config["rows"], config["width"], config["vocab"]
torch.manual_seed(config.get("seed", 1))
hidden = torch.randn(rows, width).to(device).requires_grad_()
head = (torch.randn(vocabulary, width) * width ** -0.5).to(device).requires_grad_()
targets = torch.randint(vocabulary, (rows, 1)).to(device)


def step() -> torch.Tensor:
    logp = F.linear(hidden, head).log_softmax(-1)
    chosen = logp.gather(1, targets)[:, 0]
    entropy = -(logp.exp() * logp).sum(-1)
    loss = -chosen.mean() + 0.1 * entropy.mean()
    loss.backward()
    return loss.detach()


def status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(name)


def run() -> dict:
    hidden.grad = head.grad = None
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
    else:
        Path("/proc/self/clear_refs").write_text("5")
        before = status("VmRSS")
    start = now()
    loss = step()
    seconds = now() - start
    peak = torch.cuda.max_memory_allocated() if device.type == "cuda" else status("VmHWM")
    gradients = 4 * (hidden.numel() + head.numel())
    return {"seconds": seconds, "loss": loss.item(), "peak_bytes": peak - before - gradients}


if __name__ == "__main__":
    measure = "torch.cuda.max_memory_allocated" if device.type == "cuda" else "VmHWM after clear_refs"
    serve(run, f"{rows} x {width} x {vocabulary}, log_softmax + gather + exp; peak_bytes by {measure}, without inputs and gradients")
