using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// The logits of some consecutive rows, already divided by the temperature, in float32 or better. They are only there during the call
/// that hands them out: what outlives it is copied with <see cref="Keep"/>.
/// </summary>
public sealed class LogitRows
{
    private readonly Tensor[] _logits;

    internal LogitRows(int first, Tensor[] logits) => (First, _logits) = (first, logits);

    /// <summary>Number of the first row.</summary>
    public int First { get; }

    /// <summary>Number of rows.</summary>
    public int Count => (int)_logits[0].shape[0];

    /// <summary>[rows, vocab] logits of one of the states that the head was given.</summary>
    public Tensor Logits(int branch = 0) => _logits[branch];

    /// <summary>[rows, vocab] natural logarithms of the probabilities.</summary>
    public Tensor LogProbs(int branch = 0) => nn.functional.log_softmax(_logits[branch], 1);

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
}
