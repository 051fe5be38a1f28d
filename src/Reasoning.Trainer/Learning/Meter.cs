using System.Diagnostics;
using Reasoning.Models.Devices;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Collects what one step measures: means over many contributions, maxima, sums. What is given as a tensor stays on its device until
/// somebody asks for a value; then all of it comes over in one copy. Disposed of, it keeps the values that came over.
/// </summary>
internal sealed class Meter : IDisposable
{
    private readonly Metric[] _metrics = Catalogue.Current.Metrics;
    private readonly SortedDictionary<int, (Kind Kind, double Sum, double Weight)> _values = [];
    private readonly List<(Tensor Value, Action<double> Add)> _pending = [];

    /// <summary>A mean: adds a sum and the number of terms in it.</summary>
    public void Mean(Metric metric, double sum, double terms)
    {
        if (terms != 0) Enter(Place(metric), Kind.Mean, sum, terms);
    }

    /// <summary>A mean over the elements of a tensor, among others.</summary>
    public void Mean(Metric metric, Tensor values)
    {
        long terms = values.numel();
        Later(values, all => all.sum(ScalarType.Float64), sum => Mean(metric, sum, terms));
    }

    /// <summary>A mean over the items of a list.</summary>
    public void Mean<T>(Metric metric, IReadOnlyCollection<T> items, Func<T, double> value) => Mean(metric, items.Sum(value), items.Count);

    /// <summary>A sum.</summary>
    public void Sum(Metric metric, double value) => Enter(Place(metric), Kind.Sum, value, 1);

    /// <summary>A sum of seconds: adds those since the last call with this clock, and starts it anew.</summary>
    public void Lap(Metric metric, Stopwatch clock)
    {
        Sum(metric, clock.Elapsed.TotalSeconds);
        clock.Restart();
    }

    /// <summary>The largest value, among others the largest element of a tensor.</summary>
    public void Max(Metric metric, Tensor values) => Later(values, all => all.max(), value => Enter(Place(metric), Kind.Max, value, 1));

    /// <summary>The only value.</summary>
    public void Set(Metric metric, double value) => Enter(Place(metric), Kind.Only, value, 1);

    /// <summary>The only value, a tensor of one element.</summary>
    public void Set(Metric metric, Tensor value) => Later(value, one => one.detach(), number => Set(metric, number));

    /// <summary>Adds what all ranks have measured of the same, in their order.</summary>
    /// <param name="own">What this one has.</param>
    /// <param name="ranks">All of them.</param>
    public void Add(Meter own, Ranks ranks)
    {
        own.BringOver();
        double[] numbers = [.. own._values.SelectMany(pair => (double[])[pair.Key, (double)pair.Value.Kind, pair.Value.Sum, pair.Value.Weight])];
        foreach (double[] part in ranks.Gather(numbers).SelectMany(all => all.Chunk(4))) Enter((int)part[0], (Kind)part[1], part[2], part[3]);
    }

    /// <summary>A value; null if nothing was measured.</summary>
    public double? this[Metric metric]
    {
        get
        {
            BringOver();
            return _values.TryGetValue(Place(metric), out (Kind Kind, double Sum, double Weight) value) ? value.Sum / value.Weight : null;
        }
    }

    /// <summary>All values, in the order of the register.</summary>
    public IEnumerable<(Metric Metric, double Value)> Values
    {
        get
        {
            BringOver();
            return _values.Select(pair => (_metrics[pair.Key], pair.Value.Sum / pair.Value.Weight));
        }
    }

    public void Dispose()
    {
        foreach ((Tensor value, _) in _pending) value.Dispose();
        _pending.Clear();
    }

    /// <exception cref="ArgumentException">Nobody has declared the metric.</exception>
    private int Place(Metric metric) => Array.IndexOf(_metrics, metric) is >= 0 and int place
        ? place
        : throw new ArgumentException($"There is no metric called '{metric.Name}'.", nameof(metric));

    private void Enter(int place, Kind kind, double sum, double weight)
    {
        (_, double oldSum, double oldWeight) = _values.GetValueOrDefault(place, (kind, kind == Kind.Max ? double.NegativeInfinity : 0, 0));
        _values[place] = kind switch
        {
            Kind.Mean => (kind, oldSum + sum, oldWeight + weight),
            Kind.Sum => (kind, oldSum + sum, 1),
            Kind.Max => (kind, Math.Max(oldSum, sum), 1),
            _ => (kind, sum, 1),
        };
    }

    private void Later(Tensor values, Func<Tensor, Tensor> reduce, Action<double> add)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _pending.Add((reduce(values).DetachFromDisposeScope(), add));
    }

    private void BringOver()
    {
        if (_pending.Count == 0) return;
        double[] numbers = Floats.Numbers([.. _pending.Select(pair => pair.Value)]);
        for (int i = 0; i < numbers.Length; i++) _pending[i].Add(numbers[i]);
        Dispose();
    }

    /// <summary>What becomes of a value that is measured again.</summary>
    private enum Kind
    {
        Mean,
        Sum,
        Max,
        Only,
    }
}
