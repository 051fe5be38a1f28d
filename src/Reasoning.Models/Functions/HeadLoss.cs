using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>An entropy loss over many positions. The caller, or its dispose scope, owns the tensors.</summary>
/// <param name="Loss">[] the weighted sum, with a gradient</param>
/// <param name="Entropy">[n] entropy of each position in nats, without one</param>
public sealed record HeadLoss(Tensor Loss, Tensor Entropy);
