using Reasoning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Holds singular vectors orthonormal while they learn (SORSA, Cao 2024, arXiv:2409.00055, section 4).
/// <code>
/// R = mean over all A and B of ‖A Aᵀ − I‖ and ‖Bᵀ B − I‖ (Frobenius, not squared)        ∂‖M‖/∂A = 2 M A / ‖M‖, M = A Aᵀ − I
/// g ← clipped g + (γ / η) ∇R        η the recipe's rate, so that the schedule's rate times that follows the schedule
/// </code>
/// At the start M is rounding alone and its direction noise: below 4 float32 ulps of 1 times the rank it counts as zero, without a gradient,
/// where the released code follows the noise. Measured in float64. R is not part of the loss that is logged.
/// </summary>
/// <param name="learning">Adapters by name; also what is no vector.</param>
/// <param name="weight">γ / η</param>
internal sealed class OrthonormalPenalty(IReadOnlyList<(string Name, Parameter Parameter)> learning, double weight)
{
    /// <summary>Distance of 1 to the next number in float32.</summary>
    private const double Ulp = 1.1920929e-7;

    private readonly (Parameter Parameter, bool IsInput)[] _vectors =
    [
        .. learning.Where(pair => pair.Name.EndsWith(".lora_A", StringComparison.Ordinal) || pair.Name.EndsWith(".lora_B", StringComparison.Ordinal))
            .Select(pair => (pair.Parameter, pair.Name.EndsWith(".lora_A", StringComparison.Ordinal))),
    ];

    /// <summary>Scales all gradients, for clipping, and adds those of the penalty.</summary>
    /// <returns>[] R; the caller's scope's.</returns>
    public Tensor AddTo(double scale)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Scalar clip = scale, adapters = _vectors.Length;
        foreach ((_, Parameter parameter) in learning) parameter.grad?.mul_(clip);
        Tensor sum = zeros([], ScalarType.Float64, _vectors[0].Parameter.device);
        foreach ((Parameter parameter, bool isInput) in _vectors)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor rows = (isInput ? parameter : parameter.t()).to(ScalarType.Float64); // [rank, n], orthonormal rows
            long rank = rows.shape[0];
            Tensor off = rows.mm(rows.t()) - eye(rank, dtype: rows.dtype, device: rows.device), distance = off.norm(); // [rank, rank], []
            sum.AddInPlace(distance);
            using Scalar none = 4 * Ulp * rank;
            Tensor factor = where(distance.gt(none), (distance * adapters).reciprocal().Times(2 * weight), zeros_like(distance));
            Tensor gradient = (off.mm(rows) * factor).to(parameter.dtype); // [rank, n]
            parameter.grad?.AddInPlace(isInput ? gradient : gradient.t());
        }

        return sum.div_(adapters).MoveToOuterDisposeScope();
    }
}
