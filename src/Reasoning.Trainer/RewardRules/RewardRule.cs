using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using static TorchSharp.torch;

namespace Reasoning.Trainer.RewardRules;

/// <summary>
/// Says what the answers of a group are worth, in one run. <see cref="Judge"/> does all the rest: the vote, who learns, which prompts are
/// skipped, controls, and what an answer earns by its form.
/// </summary>
internal abstract class RewardRule : IDisposable
{
    /// <summary>[rows] what goes to <see cref="Sample.TokenValues"/>, from the logits that tokens were drawn with; null for nothing.</summary>
    public virtual Func<LogitRows, Tensor>? Measured => null;

    /// <summary>Tensors that a resumed run must find as they were; filled in place. Owned by the rule.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> Tensors => [];

    /// <summary>Samples what the rule needs beside the answers.</summary>
    /// <exception cref="OperationCanceledException">Someone asked to stop; nothing has changed.</exception>
    public virtual void SampleMore(IReadOnlyList<PromptGroup> groups, int step, CancellationToken cancel)
    {
    }

    /// <summary>Looks at all groups of a step that get rewards, before the first of them does.</summary>
    public virtual void BeginStep(IReadOnlyList<PromptGroup> groups, int step)
    {
    }

    /// <summary>
    /// One reward for each answer of a group. Where comparing with the group would say more than the rule knows, it also sets
    /// <see cref="Sample.FixedAdvantage"/> or <see cref="Sample.Baseline"/>.
    /// </summary>
    public abstract double[] Score(PromptGroup group);

    /// <summary>Measures what it declares, after all groups of a step have their rewards.</summary>
    public virtual void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
    }

    /// <summary>All updates of a step are done.</summary>
    public virtual void EndStep(int step)
    {
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>A reward without a state: a function of the group.</summary>
internal sealed class PlainRule(Func<PromptGroup, double[]> score) : RewardRule
{
    /// <summary>A function of each answer alone.</summary>
    public PlainRule(Func<Sample, double> score) : this(group => [.. group.Samples.Select(score)])
    {
    }

    public override double[] Score(PromptGroup group) => score(group);
}
