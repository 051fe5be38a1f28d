using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// GSPO (Zheng et al. 2025, arXiv:2507.18071): the clipped policy gradient of <see cref="Grpo"/> with one ratio for a whole answer.
/// <code>
/// log s = min( mean over the tokens t of the answer of log π(y_t) − log π_old(y_t), 10 )
/// ρ_t = exp( log π(y_t) − sg log π(y_t) + sg log s )
/// </code>
/// sg stands for a constant. The value of ρ_t is s at every token; its gradient at token t is s ∇ log π(y_t), so that the mean over an
/// answer's tokens has the gradient of s itself, though a loss sees only some of them at a time. That takes aggregation sequence-mean.
/// s has to be known before: one more product with the head, without a gradient.
/// Deviations: none from verl, which also bounds log s; TRL does not.
/// </summary>
internal static class Gspo
{
    private const double LargestLogRatio = 10;

    public static MethodDeclaration Declaration { get; } = Grpo.Declaration with
    {
        Name = "gspo",
        Summary = "As grpo, with one probability ratio for a whole answer (GSPO).",
        Source = "arXiv:2507.18071, section 4",
        Create = context => new Grpo(context, LogRatios),
    };

    /// <summary>[n] log s at each token.</summary>
    private static Tensor LogRatios(TokenBatch tokens, Tensor head, double temperature)
    {
        Tensor logprob_T = OutputHead.Score(tokens.Hidden, head, tokens.Targets!, temperature).LogProb; // [n]
        using Scalar highest = LargestLogRatio;
        return tokens.AnswerMeans(logprob_T - tokens.OldLogProbs).clamp_max(highest);
    }
}
