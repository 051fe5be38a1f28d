using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// Entropy minimization (Tent, Wang et al. 2021, arXiv:2006.10726) on the model's own answers.
/// <code>
/// L = Σ_t w_t H(p_t)        p_t = softmax(z_t / τ)        H(p) = − Σ_v p_v log p_v
/// </code>
/// p_t predicts the t-th sampled token; w_t averages over tokens or answers (<see cref="TokenWeights"/>); τ is <c>loss-temperature</c>.
/// Deviations: the paper adapts batch norms of an image classifier to its inputs; here RMS norms adapt to tokens that the model sampled.
/// There is no gradient through the sampling.
/// </summary>
internal sealed class Tent(MethodContext context) : Method(context, context.Recipe.Of<EntropySettings>())
{
    private readonly LogitStatistics _logits = new(context.Policy.Model);

    public static MethodDeclaration Declaration { get; } =
        new("entropy", "Token entropy is minimized (Tent).", "arXiv:2006.10726, section 3", context => new Tent(context))
        {
            Settings = [new EntropySettings()],
            Metrics = [LogitStatistics.Norm, LogitStatistics.TopTokenShare],
            Shown = [("entropy", Metrics.Entropy, 4)],
        };

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        LogitStatistics.Measure(rows, tokens, Temperature, _logits.Tops);
        return Entropy(rows, tokens);
    }

    public override IReadOnlyList<Tensor> Sums => [_logits.Tops];

    public override void EndUpdate(Meter meter) => _logits.EndUpdate(meter);

    public override void Dispose()
    {
        base.Dispose();
        _logits.Dispose();
    }

    /// <summary>[rows] H(p_t)</summary>
    internal static Tensor Entropy(LogitRows rows, TokenBatch tokens)
    {
        Tensor entropy = LogitRows.Entropy(rows.LogProbs());
        tokens.Mean(Metrics.Entropy, rows, entropy);
        return entropy;
    }
}
