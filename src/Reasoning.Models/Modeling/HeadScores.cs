using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>What the output head says about each row. The caller, or its dispose scope, owns both tensors.</summary>
/// <param name="LogProb">[n] natural logarithm of the target's probability</param>
/// <param name="Entropy">[n] entropy of the row's distribution, in nats</param>
public sealed record HeadScores(Tensor LogProb, Tensor Entropy);
