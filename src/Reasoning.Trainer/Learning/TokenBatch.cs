using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Measures;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// The tokens of a micro-batch that enter the loss, one row each, with all the data that a loss may need. A loss gets some rows at a time;
/// what it measures is collected here.
/// </summary>
/// <param name="hidden">[n, width] after the final norm</param>
/// <param name="weights">[n] the weight of each token</param>
internal sealed class TokenBatch(Tensor hidden, Tensor weights) : IDisposable
{
    private readonly Dictionary<string, Tensor> _values = [];
    private readonly List<Metric> _means = [];
    private ArraySegment<Sample> _samples;
    private int[]? _places;
    private Tensor? _mask;

    /// <summary>[n, width]</summary>
    public Tensor Hidden => hidden;

    public int Count => (int)weights.shape[0];

    /// <summary>[n] int64, the sampled ids.</summary>
    public Tensor? Targets { get; private init; }

    /// <summary>[n] their log-probabilities at sampling time.</summary>
    public Tensor OldLogProbs => Of("old log-probabilities", sample => sample.Rollout.LogProbs);

    /// <summary>[n] the advantages of their answers.</summary>
    public Tensor Advantages =>
        Of("advantages", sample => Enumerable.Repeat((float)sample.Advantage, sample.Rollout.Ids.Length));

    /// <summary>[n] their log-probabilities now, at the sampling temperature; null if the loss has not kept them.</summary>
    public Tensor? LogProbs => Kept("log-probabilities");

    /// <summary>[] float64, the sum of the weights of the tokens that the loss keeps; null where it keeps all.</summary>
    public Tensor? Entered { get; private set; }

    /// <summary>Applies a method's choice of tokens; what is made belongs to the caller's scope.</summary>
    /// <param name="method">Chooses.</param>
    /// <param name="samples">The answers.</param>
    /// <param name="rows">Their rows.</param>
    /// <param name="hidden">[answer tokens, width]</param>
    /// <param name="head">[vocab, width], for choices that look at entropies.</param>
    /// <param name="weights">The weight of a token of each answer, from the first of these answers on.</param>
    public static TokenBatch Choose(
        Method method, ArraySegment<Sample> samples, AnswerRows rows, Tensor hidden, Tensor head, ReadOnlySpan<double> weights)
    {
        Tensor targets = rows.Targets(hidden.device);
        float[] entropies =
            method.Choice.NeedsEntropies ? Floats.Of(OutputHead.Score(hidden, head, targets, method.Temperature).Entropy) : [];
        var places = new List<int>();
        var counts = new List<float>();
        for (int s = 0; s < samples.Count; s++)
        {
            int first = rows.Offsets[s];
            ReadOnlySpan<float> own = entropies.Length > 0 ? entropies.AsSpan(first, rows.Offsets[s + 1] - first) : [];
            foreach (int place in method.Choice.Places(samples[s], own))
            {
                places.Add(first + place);
                counts.Add((float)(weights[s] * (samples[s].Served?.Weights[place] ?? 1)));
            }
        }

        Tensor weight = Floats.VectorLike(hidden, [.. counts]);
        if (places.Count == rows.Count) return new TokenBatch(hidden, weight) { Targets = targets, _samples = samples };
        Tensor index = tensor([.. places.Select(place => (long)place)], device: hidden.device);
        return new TokenBatch(hidden.index_select(0, index), weight)
        {
            Targets = targets.index_select(0, index),
            _samples = samples,
            _places = [.. places],
        };
    }

    /// <summary>[n] a value of each token, made once.</summary>
    /// <param name="name">Of the value.</param>
    /// <param name="values">Those of all tokens of an answer.</param>
    public Tensor Of(string name, Func<Sample, IEnumerable<float>> values)
    {
        if (Kept(name) is { } made) return made;
        float[] all = [.. _samples.SelectMany(values)];
        float[] chosen = _places is null ? all : Array.ConvertAll(_places, place => all[place]);
        return _values[name] = Floats.VectorLike(hidden, chosen).DetachFromDisposeScope();
    }

    /// <summary>Gives each token a value, [n], that was measured before the loss.</summary>
    public void Put(string name, Tensor values) => _values[name] = values.detach().clone().DetachFromDisposeScope();

    /// <summary>[n, …] the rows of the chosen tokens; owned by the caller's scope.</summary>
    /// <param name="values">[answer tokens, …] those of all tokens of an answer.</param>
    public Tensor Rows(Func<Sample, Tensor> values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all = cat([.. _samples.Select(values)], 0);
        if (_places is null) return all.MoveToOuterDisposeScope();
        return all.index_select(0, tensor([.. _places.Select(place => (long)place)], device: all.device)).MoveToOuterDisposeScope();
    }

    /// <summary>[n] at each token the mean over the chosen tokens of its answer, without a gradient; owned by the caller's scope.</summary>
    /// <param name="values">[n]</param>
    public Tensor AnswerMeans(Tensor values)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long[] all = [.. _samples.SelectMany((sample, s) => Enumerable.Repeat((long)s, sample.Rollout.Ids.Length))];
        Tensor answers = tensor(_places is null ? all : Array.ConvertAll(_places, place => all[place]), device: values.device); // [n]
        Tensor wide = values.to(ScalarType.Float64), sums = zeros(_samples.Count, ScalarType.Float64, values.device), counts = zeros_like(sums);
        sums.AddRowsInPlace(answers, wide);
        counts.AddRowsInPlace(answers, ones_like(wide));
        return (sums / counts).index_select(0, answers).to(values.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of the weighted sum of a loss.</summary>
    /// <param name="states">Branches, [n, width] each.</param>
    /// <param name="head">[vocab, width]</param>
    /// <param name="loss">[rows] of some rows at a time.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <returns>[] the loss; belongs to the caller's scope.</returns>
    public Tensor Backward(Tensor[] states, Tensor head, Func<LogitRows, TokenBatch, Tensor> loss, double temperature) =>
        OutputHead.Backward(states, head, rows =>
        {
            _mask = null;
            Tensor tokens = loss(rows, this), counts = rows.Of(weights);
            if (_mask is null) return (tokens * counts).sum();
            counts = counts * _mask;
            Entered ??= zeros([], ScalarType.Float64, counts.device).DetachFromDisposeScope();
            Entered.AddInPlace(counts.sum(ScalarType.Float64));
            return (tokens * counts).sum();
        }, temperature);

    /// <summary>Excludes rows from the loss; averages are then over the others.</summary>
    /// <param name="rows">Those that the loss sees.</param>
    /// <param name="mask">[rows] bool</param>
    public void Only(LogitRows rows, Tensor mask) => Keep("mask", rows, _mask = mask);

    /// <summary>Measures a mean over all chosen tokens.</summary>
    public void Mean(Metric metric, LogitRows rows, Tensor values)
    {
        if (!_values.ContainsKey(metric.Name)) _means.Add(metric);
        Keep(metric.Name, rows, values);
    }

    /// <summary>Keeps log-probabilities of the sampled ids, at the sampling temperature, for a comparison with the sampler's.</summary>
    public void KeepLogProbs(LogitRows rows, Tensor values) => Keep("log-probabilities", rows, values);

    /// <summary>[n] the values of a mean.</summary>
    public Tensor? Kept(string metric) => _values.GetValueOrDefault(metric);

    /// <summary>Hands over what the loss has measured.</summary>
    public void Measure(Meter meter)
    {
        foreach (Metric metric in _means) meter.Mean(metric, _values[metric.Name]);
        meter.Sum(Metrics.TrainedTokens, Kept("mask") is { } mask ? Floats.Of(mask).Sum() : Count);
    }

    public void Dispose()
    {
        foreach (Tensor values in _values.Values) values.Dispose();
        Entered?.Dispose();
    }

    private void Keep(string name, LogitRows rows, Tensor values)
    {
        // The head disposes of what a slice makes; this has to outlive it.
        if (Kept(name) is not { } all)
            _values[name] = all = empty(Count, dtype: values.dtype, device: values.device).DetachFromDisposeScope();
        rows.Keep(all, values);
    }
}
