using Reasoning.Models;
using Reasoning.Trainer.Measures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// A plain update with a pull back to the start, the stronger the more a parameter mattered there (elastic weight consolidation,
/// Kirkpatrick et al. 2017, arXiv:1612.00796; as in EATA).
/// <code>
/// R(θ) = β Σ_k F_k (θ_k − θ⁰_k)²        F = mean over answers of (∂/∂θ of the mean over the answer's tokens of − log max_v p_t(v))², at θ⁰
/// </code>
/// F is measured once, before the first update, with a backward pass for each of some answers. A copy of all that learns for θ⁰, and one
/// for F, stay for the whole run.
/// </summary>
internal sealed class FisherAnchor : IUpdateRule
{
    private const string Answers = "fisher.answers";

    private readonly MethodContext _context;
    private readonly double _weight;
    private readonly int _answers;
    private readonly Metric _pull;
    private readonly Tensor[] _fisher;

    /// <param name="context">The run.</param>
    /// <param name="weight">β</param>
    /// <param name="answers">How many answers F is the mean of.</param>
    /// <param name="pull">The metric of R.</param>
    public FisherAnchor(MethodContext context, double weight, int answers, Metric pull)
    {
        (_context, _weight, _answers, _pull) = (context, weight, answers, pull);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _fisher = [.. context.Learning.Select(pair => zeros_like(pair.Parameter).DetachFromDisposeScope())];
        Tensors = [.. context.Learning.Zip(_fisher, (pair, values) => ($"fisher.{pair.Name}", values))];
    }

    /// <summary>Whether the method has to answer with − log max_v p_t(v) instead of its loss.</summary>
    public bool IsMeasuring { get; private set; }

    /// <summary>F, for checkpoints; belongs to the method.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Tensors { get; }

    public void Update(Learner learner, Sample[] batch, int step, Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        if (learner.Accumulate(batch, meter) is not { } loss) return;
        if (!learner.Method.Numbers.ContainsKey(Answers)) Measure(learner, batch);
        Tensor pull = Pull(learner.StartValues);
        meter.Set(_pull, pull);
        PlainUpdate.Apply(learner, loss.Plus(pull), _context.Recipe, step, meter);
    }

    /// <summary>F, while the gradients that were gathered for the update wait.</summary>
    private void Measure(Learner learner, Sample[] batch)
    {
        Parameter[] learning = [.. _context.Learning.Select(pair => pair.Parameter)];
        Tensor?[] waiting = [.. learning.Select(parameter => parameter.grad?.clone())];
        foreach (Tensor values in _fisher) values.zero_();
        int count = 0;
        using var aside = new Meter();
        IsMeasuring = true;
        try
        {
            foreach (Sample sample in batch.Take(_answers))
            {
                using DisposeScope scope = NewDisposeScope();
                learner.ZeroGrad();
                if (learner.Accumulate([sample], aside) is null) continue;
                count++;
                foreach ((Parameter parameter, Tensor values) in learning.Zip(_fisher))
                {
                    if (parameter.grad is { } gradient) values.AddInPlace(gradient * gradient);
                }
            }
        }
        finally
        {
            IsMeasuring = false;
        }

        using Scalar answers = Math.Max(1, count);
        foreach (Tensor values in _fisher) values.div_(answers);
        learner.ZeroGrad();
        foreach ((Parameter parameter, Tensor? gradient) in learning.Zip(waiting))
        {
            if (gradient is not null) parameter.grad = gradient;
        }

        learner.Method.Numbers[Answers] = count;
    }

    /// <summary>[] float64, R; its gradient is added to what has been gathered.</summary>
    private Tensor Pull(IReadOnlyList<Tensor> start)
    {
        using IDisposable noGradient = no_grad();
        Tensor sum = zeros([], ScalarType.Float64, _fisher[0].device);
        for (int k = 0; k < _fisher.Length; k++)
        {
            using DisposeScope scope = NewDisposeScope();
            Parameter parameter = _context.Learning[k].Parameter;
            Tensor away = parameter - start[k], pulled = away * _fisher[k];
            sum.AddInPlace((pulled * away).sum(ScalarType.Float64), _weight);
            parameter.grad?.AddInPlace(pulled, 2 * _weight);
        }

        return sum;
    }
}
