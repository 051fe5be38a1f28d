using Reasoning.Models;
using Reasoning.Models.Modeling;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Self-certainty (Intuitor, Zhao et al. 2025, arXiv:2505.19590): how far a distribution is from knowing nothing.
/// <code>
/// C_t = KL(U ‖ p_t) = − ln V − 1/V Σ_v ln p_t(v) = logsumexp(z_t) − mean_v z_t(v) − ln V
/// </code>
/// The uniform distribution comes first, so the many improbable words decide: it grows with all distances between logits, also where the
/// most probable word stays the same, and without a divergence from the start model it can be driven up for ever. Values of different
/// vocabularies do not compare.
/// Deviations: V counts the words of the tokenizer; rows that only fill up the head are left out.
/// </summary>
internal static class SelfCertainty
{
    /// <summary>[rows] C_t in nats, of the first <paramref name="words"/> logits.</summary>
    public static Tensor Of(LogitRows rows, int words)
    {
        Tensor logits_TV = rows.Logits().narrow(1, 0, words); // [rows, words]
        return (logits_TV.logsumexp(1) - logits_TV.mean([1])).Minus(Math.Log(words));
    }
}
