using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// The logits of some consecutive rows, already divided by the temperature, in float32 or better. They are only there during the call
/// that hands them out: what outlives it is copied with <see cref="Keep"/>.
/// </summary>
public sealed class LogitRows
{
    private readonly Tensor[] _logits;
    private readonly DisposeScope? _scope;
    private readonly Tensor?[] _logProbs, _entropies;

    /// <param name="first">Number of the first row.</param>
    /// <param name="logits">[rows, vocab] of each branch.</param>
    /// <param name="scope">What lives as long as the logits; null for the scope that is open when something is first asked for.</param>
    internal LogitRows(int first, Tensor[] logits, DisposeScope? scope = null)
    {
        (First, _logits, _scope) = (first, logits, scope);
        (_logProbs, _entropies) = (new Tensor?[logits.Length], new Tensor?[logits.Length]);
    }

    /// <summary>Number of the first row.</summary>
    public int First { get; }

    /// <summary>Number of rows.</summary>
    public int Count => (int)_logits[0].shape[0];

    /// <summary>[rows, vocab] logits of one of the states that the head was given.</summary>
    public Tensor Logits(int branch = 0) => _logits[branch];

    /// <summary>[rows, vocab] natural logarithms of the probabilities; computed once, however often it is asked for.</summary>
    public Tensor LogProbs(int branch = 0) => _logProbs[branch] ??= Make(branch, () => nn.functional.log_softmax(_logits[branch], 1));

    /// <summary>[rows] entropy in nats; computed once.</summary>
    public Tensor Entropy(int branch = 0) => _entropies[branch] ??= Make(branch, () => Entropy(LogProbs(branch)));

    /// <summary>The part of <paramref name="all"/> [n, …] that belongs to these rows.</summary>
    public Tensor Of(Tensor all) => all.narrow(0, First, Count);

    /// <summary>Copies values of these rows into their part of <paramref name="all"/>, without a gradient.</summary>
    public void Keep(Tensor all, Tensor values) => Of(all).copy_(values.detach());

    /// <summary>[rows] log-probability of each row's target.</summary>
    /// <param name="logProbs">[rows, vocab]</param>
    /// <param name="targets">[rows] int64</param>
    public static Tensor Pick(Tensor logProbs, Tensor targets) => logProbs.gather(1, targets.unsqueeze(1)).squeeze(1);

    /// <summary>[rows] entropy in nats, − Σ p log p.</summary>
    /// <param name="logProbs">[rows, vocab]</param>
    public static Tensor Entropy(Tensor logProbs) => (logProbs.exp() * logProbs).sum(1).neg();

    /// <summary>With a gradient where the logits have one, whoever asks first, and alive as long as they are.</summary>
    private Tensor Make(int branch, Func<Tensor> compute)
    {
        using IDisposable? gradient = _logits[branch].requires_grad ? enable_grad() : null;
        Tensor made = compute();
        _scope?.Attach(made.DetachFromDisposeScope());
        return made;
    }
}
