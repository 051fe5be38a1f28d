using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>ZeroSiam's loss over many positions. The caller, or its dispose scope, owns the tensors.</summary>
/// <param name="Loss">[] the weighted sum, with a gradient</param>
/// <param name="Scores">What the branches say about each position, without gradients.</param>
public sealed record ZeroSiamLoss(Tensor Loss, ZeroSiamScores Scores);
