using System.Diagnostics;
using Reasoning.Models.Devices;
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
    private readonly SortedDictionary<int, (double Sum, double Weight)> _values = [];
    private readonly List<(Tensor Value, Action<double> Add)> _pending = [];

    /// <summary>A mean: adds a sum and the number of terms in it.</summary>
    public void Mean(Metric metric, double sum, double terms)
    {
        if (terms == 0) return;
        int place = Place(metric);
        (double oldSum, double oldTerms) = _values.GetValueOrDefault(place);
        _values[place] = (oldSum + sum, oldTerms + terms);
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
    public void Sum(Metric metric, double value)
    {
        int place = Place(metric);
        _values[place] = (_values.GetValueOrDefault(place).Sum + value, 1);
    }

    /// <summary>A sum of seconds: adds those since the last call with this clock, and starts it anew.</summary>
    public void Lap(Metric metric, Stopwatch clock)
    {
        Sum(metric, clock.Elapsed.TotalSeconds);
        clock.Restart();
    }

    /// <summary>The largest value, among others the largest element of a tensor.</summary>
    public void Max(Metric metric, Tensor values) => Later(values, all => all.max(), value =>
    {
        int place = Place(metric);
        bool known = _values.TryGetValue(place, out (double Sum, double Weight) old);
        _values[place] = (known ? Math.Max(old.Sum, value) : value, 1);
    });

    /// <summary>The only value.</summary>
    public void Set(Metric metric, double value) => _values[Place(metric)] = (value, 1);

    /// <summary>The only value, a tensor of one element.</summary>
    public void Set(Metric metric, Tensor value) => Later(value, one => one.detach(), number => Set(metric, number));

    /// <summary>A value; null if nothing was measured.</summary>
    public double? this[Metric metric]
    {
        get
        {
            BringOver();
            return _values.TryGetValue(Place(metric), out (double Sum, double Weight) value) ? value.Sum / value.Weight : null;
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
}
