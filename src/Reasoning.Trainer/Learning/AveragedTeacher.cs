using System.Diagnostics;
using Reasoning.Models.Random;
using Reasoning.Trainer.Measures;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// A plain update, after which a teacher follows on average and a few of the values that learn go back to the start (CoTTA, Wang et al.
/// 2022, arXiv:2203.13591, sections 3.2 and 3.4).
/// <code>
/// θ' ← m θ' + (1 − m) θ        then, for every value k on its own:  θ_k ← θ⁰_k with probability r
/// </code>
/// The teacher is what learns, once more, and the rest of the model is shared: before an update its values take the place of the model's
/// for one pass over the answers, whose hidden states are kept while the update lasts (<see cref="TeacherWeights"/>). Which values go back
/// depends on the seed and the number of the update alone.
/// </summary>
internal sealed class AveragedTeacher : IUpdateRule, IDisposable
{
    private const string Updates = "teacher.updates";

    /// <summary>Separates these draws from others with the same seed.</summary>
    private static readonly ulong s_purpose = KeyedRandom.Key("values that go back to the start");

    private readonly MethodContext _context;
    private readonly double _memory, _restoreShare;
    private readonly Metric _restored;
    private readonly TeacherWeights _teacher;
    private readonly Dictionary<Sample, Tensor> _hidden = [];

    /// <param name="context">The run.</param>
    /// <param name="memory">m</param>
    /// <param name="restoreShare">r</param>
    /// <param name="restored">The metric of what went back.</param>
    public AveragedTeacher(MethodContext context, double memory, double restoreShare, Metric restored)
    {
        (_context, _memory, _restoreShare, _restored) = (context, memory, restoreShare, restored);
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _teacher = new TeacherWeights(context.Learning);
    }

    /// <summary>The teacher, for checkpoints; belongs to the method.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Tensors => _teacher.Tensors;

    /// <summary>[answer tokens, width] the teacher's hidden states of an answer of the update at work, without a gradient.</summary>
    public Tensor Hidden(Sample sample) => _hidden[sample];

    public void Update(Learner learner, Sample[] batch, int step, Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, double> numbers = learner.Method.Numbers;
        if (!numbers.ContainsKey(Updates)) _teacher.Become(learner.StartValues); // at the start, also after everything has gone back to it
        var clock = Stopwatch.StartNew();
        Ask(learner, batch);
        meter.Lap(Metrics.ForwardSeconds, clock);
        Tensor? loss = learner.Accumulate(batch, meter);
        _hidden.Clear();
        if (loss is null) return;
        PlainUpdate.Apply(learner, loss, _context.Recipe, step, meter);
        double count = numbers[Updates] = numbers.GetValueOrDefault(Updates) + 1;
        _teacher.Follow(_memory);
        Restore(learner, (ulong)count, meter);
        learner.Publish();
    }

    public void Dispose() => _teacher.Dispose();

    /// <summary>Keeps the teacher's hidden states of the answers that this rank learns from.</summary>
    private void Ask(Learner learner, Sample[] batch)
    {
        _teacher.StandIn(learner, () =>
        {
            foreach (ArraySegment<Sample> part in MicroBatches.Split([.. MicroBatches.Share(batch, _context.Ranks)], _context.Recipe.MicroBatchTokens))
            {
                var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
                Tensor hidden = rows.Hidden(learner.Policy.Model);
                for (int s = 0; s < part.Count; s++)
                    _hidden[part[s]] = hidden.narrow(0, rows.Offsets[s], rows.Offsets[s + 1] - rows.Offsets[s]).MoveToOuterDisposeScope();
            }
        });
    }

    private void Restore(Learner learner, ulong update, Meter meter)
    {
        using IDisposable noGradient = no_grad();
        for (int k = 0; k < _context.Learning.Count; k++)
        {
            using DisposeScope scope = NewDisposeScope();
            (string name, Parameter parameter) = _context.Learning[k];
            long[] chosen = Choose(new KeyedStream(_context.Recipe.Seed, s_purpose, update, KeyedRandom.Key(name)), parameter.numel(), _restoreShare);
            meter.Mean(_restored, chosen.Length, parameter.numel());
            if (chosen.Length == 0) continue;
            Tensor places = tensor(chosen, device: parameter.device);
            parameter.view(-1).index_copy_(0, places, learner.StartValues[k].view(-1).index_select(0, places));
        }
    }

    /// <summary>
    /// Each of <paramref name="count"/> places with the same probability, ascending. Draws how far it is to the next one instead of asking
    /// each: that distance is geometric.
    /// </summary>
    private static long[] Choose(KeyedStream stream, long count, double share)
    {
        var chosen = new List<long>();
        if (share == 0) return [];
        double next = -1, rate = 1 - share < 1 ? Math.Log(1 - share) : -share; // below the resolution of 1 both are the same
        while (true)
        {
            next += 1 + Math.Floor(Math.Log(1 - stream.NextDouble()) / rate);
            if (next >= count) return [.. chosen];
            chosen.Add((long)next);
        }
    }
}
