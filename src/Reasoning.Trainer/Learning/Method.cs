using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Measures;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// A loss over tokens in tensor operations, with the parameters and state it needs besides the model. <see cref="Learner"/> does the rest:
/// micro-batches, chunks of logits, backward passes, averaging, and the update.
/// </summary>
/// <param name="context">The run.</param>
/// <param name="entropy">For losses of entropy alone: which tokens count, and what divides the logits.</param>
internal abstract class Method(MethodContext context, EntropySettings? entropy = null) : IDisposable
{
    /// <summary>Which tokens of an answer enter the loss.</summary>
    public TokenChoice Choice { get; } = new(entropy ?? new EntropySettings(), context.Policy.Tokenizer);

    /// <summary>Divides the logits.</summary>
    public double Temperature { get; } = entropy?.LossTemperature ?? context.Recipe.Temperature;

    /// <summary>How gradients become an update.</summary>
    public virtual IUpdateRule Rule { get; } = new PlainUpdate(context.Recipe);

    /// <summary>Trained parameters besides the model's, each with an optimizer of its own; saved with checkpoints.</summary>
    public virtual IReadOnlyList<ExtraParameter> Parameters => [];

    /// <summary>Tensors that a resumed run must find as they were; filled in place. Owned by the method.</summary>
    public virtual IReadOnlyList<(string Name, Tensor Values)> Tensors => [];

    /// <summary>Numbers that a resumed run must find as they were.</summary>
    public virtual Dictionary<string, double> Numbers { get; } = [];

    /// <summary>
    /// Float64 tensors that <see cref="Loss"/> adds to and <see cref="EndUpdate"/> reads and empties; where several ranks share an update they are
    /// then the sums of all. Owned by the method.
    /// </summary>
    public virtual IReadOnlyList<Tensor> Sums => [];

    protected MethodContext Context => context;

    /// <summary>The rate of the model's parameters divided by that of the recipe.</summary>
    public virtual double ModelRatio(int step) => 1;

    /// <summary>Prepares for the answers of a step, before its first update.</summary>
    public virtual void BeginStep(IReadOnlyList<Sample> learning)
    {
    }

    /// <summary>What the loss is computed on where that is not the answers themselves, such as the prompts; in the form of samples.</summary>
    /// <param name="batch">The answers of an update.</param>
    /// <returns>Empty where there is nothing to learn from.</returns>
    public virtual Sample[] Learned(Sample[] batch) => batch;

    /// <summary>Computes what a loss needs of whole answers, since it gets only some rows at a time; called before each backward pass.</summary>
    /// <param name="tokens">Takes it.</param>
    /// <param name="head">[vocab, width]</param>
    public virtual void BeforeLoss(TokenBatch tokens, Tensor head)
    {
    }

    /// <summary>Branches that go through the head, [n, width] each; one without a gradient is constant.</summary>
    /// <param name="hidden">[n, width] after the final norm</param>
    public virtual Tensor[] States(Tensor hidden) => [hidden];

    /// <summary>[rows] the loss of each token, before averaging.</summary>
    /// <param name="rows">Logits of some tokens, the only ones that exist.</param>
    /// <param name="tokens">What else is known of the tokens, and where measurements go.</param>
    /// <remarks>Sums, and products with numbers, are those of <see cref="Arithmetic"/>, not of TorchSharp; it says why.</remarks>
    public abstract Tensor Loss(LogitRows rows, TokenBatch tokens);

    /// <summary>All micro-batches of an update have been seen, at least one with tokens.</summary>
    public virtual void EndUpdate(Meter meter)
    {
    }

    /// <summary>All updates of a step are done.</summary>
    public virtual void EndStep(Meter meter)
    {
    }

    public virtual void Dispose()
    {
        foreach (ExtraParameter extra in Parameters) extra.Parameter.Dispose();
        foreach ((_, Tensor values) in Tensors) values.Dispose();
    }
}

/// <summary>A parameter of a method, besides the model's.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Tensor">Its name in checkpoints.</param>
/// <param name="Parameter">Owned by the method.</param>
/// <param name="Ratio">Its rate divided by the model's; 0 freezes it.</param>
/// <param name="MaxGradNorm">Its gradient is scaled down to this norm; 0 stands for no limit.</param>
/// <param name="Norm">The metric of its gradient's norm.</param>
internal sealed record ExtraParameter(string Name, string Tensor, Parameter Parameter, double Ratio, double MaxGradNorm, Metric Norm);
