using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using static TorchSharp.torch;

namespace Reasoning.Trainer.RewardRules;

/// <summary>Intuitor (arXiv:2505.19590): the mean over an answer's tokens of <see cref="SelfCertainty"/>.</summary>
internal sealed class SelfCertaintyReward(Policy policy) : RewardRule
{
    public static RewardDeclaration Declaration { get; } = new(
        "self-certainty", "KL(uniform ‖ p) of the distributions its tokens were drawn with, mean over its tokens.",
        "Intuitor, arXiv:2505.19590", context => new SelfCertaintyReward(context.Policy));

    public override Func<LogitRows, Tensor> Measured =>
        rows => SelfCertainty.Of(rows, Math.Min(policy.Tokenizer.VocabSize, policy.Model.Config.VocabSize));

    public override double[] Score(PromptGroup group) => [.. group.Samples.Select(sample => (double)sample.TokenValues.Average())];
}
