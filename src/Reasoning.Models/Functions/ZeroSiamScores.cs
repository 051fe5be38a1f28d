using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// What the two branches of ZeroSiam say about each row. The caller, or its dispose scope, owns the tensors.
/// Only the first two carry gradients.
/// </summary>
/// <param name="OnlineEntropy">[n] H(p_o) in nats</param>
/// <param name="Divergence">[n] KL(p_r‖p_o) + KL(p_o‖p_r) in nats</param>
/// <param name="TargetEntropy">[n] H(p_r) in nats</param>
/// <param name="TargetLogitNorm">[n] Euclidean norm of the target logits before the temperature</param>
/// <param name="TargetTop">[n] int64, the most probable token of the target branch</param>
public sealed record ZeroSiamScores(
    Tensor OnlineEntropy, Tensor Divergence, Tensor TargetEntropy, Tensor TargetLogitNorm, Tensor TargetTop);
