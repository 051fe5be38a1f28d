using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Random;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// How far a model has gone from where it began: answers of the start model to a few prompts, kept, and read by the model after every step.
/// <code>
/// probe_kl = mean over the tokens a_t of those answers of log p₀(a_t) − log p(a_t)
/// </code>
/// The answers are drawn from p₀ at temperature 1, so this estimates KL(p₀‖p) per token without keeping a second model. The same answers
/// in every step leave little noise between steps; an estimate from few tokens may be a little below 0.
/// <code>
/// probe_agreement = A / A₀         A = mean over a few new answers of the share of the start model's answers to that prompt that are equal
/// </code>
/// A few tokens of an answer decide what comes out, and a mean over all tokens hides them: a model may lose all it knew while every other
/// token stays. Answers are drawn as evaluations are, the new ones by the same random numbers in every step; A₀ is what pairs of the start
/// model's own answers give.
/// </summary>
internal sealed class Probe
{
    private static readonly ulong s_purpose = KeyedRandom.Key("prompts of the probe");

    /// <summary>After every fourth step 64 prompts get a new answer each; fewer prompts get more of them.</summary>
    private const int Every = 4, New = 64;

    /// <summary>Answers of the start model to each of these prompts: with fewer, chance in A₀ would be in every later reading.</summary>
    private const int Kept = 6;

    /// <summary>Where the start model agrees with itself less than this, chance decides whether answers are equal, and nothing is measured.</summary>
    private const double LeastAgreement = 0.15;

    private readonly CausalLM _model;
    private readonly Func<IReadOnlyList<PromptGroup>>? _answer;
    private readonly IReadOnlyList<PromptGroup> _kept;
    private readonly double _agreement;
    private readonly Sample[] _answers;
    private readonly int _microBatchTokens;
    private readonly Ranks _ranks;
    private readonly (double LogProb, double Entropy, double Norm) _start;

    private Probe(Policy policy, Sample[] answers, IReadOnlyList<PromptGroup> kept, Func<IReadOnlyList<PromptGroup>>? answer, Recipe recipe, Ranks ranks)
    {
        (_kept, _answer) = (kept, answer);
        _agreement = kept.Count == 0 ? 0 : kept.Average(group => group.Samples.Average(sample => Equal(sample, group) - (sample.IsAnswered ? 1 : 0)) / (Kept - 1));
        (_model, _answers, _microBatchTokens, _ranks) = (policy.Model, [.. MicroBatches.Share(answers, ranks)], recipe.MicroBatchTokens, ranks);
        _start = Read();
    }

    /// <summary>Lets a model that is still at its start answer; a resumed run gets the same answers, for they are keyed.</summary>
    /// <returns>Null where the recipe wants no probe.</returns>
    /// <exception cref="OperationCanceledException">Someone asked to stop.</exception>
    public static Probe? Start(Policy policy, IReadOnlyList<Prompt> prompts, Recipe recipe, CancellationToken cancel, Ranks? ranks = null)
    {
        if (recipe.GuardProbe == 0) return null;
        Prompt[] drawn = [.. prompts];
        new KeyedStream(recipe.Seed, s_purpose).Shuffle(drawn.AsSpan());
        Recipe whole = recipe with { Temperature = 1, TopP = 1, TopK = 0 };
        Recipe evaluated = whole with { Temperature = recipe.EvalTemperature, TopP = recipe.EvalTopP };
        Sample[] read = [.. Answers(whole, recipe.GuardProbe, 1, 0, cancel).SelectMany(group => group.Samples)];
        if (!recipe.Guard || recipe.GuardAgreement == 0) return new Probe(policy, read, [], null, recipe, ranks ?? new Ranks());
        int each = (New + drawn.Length - 1) / drawn.Length; // more than one where there are few prompts
        IReadOnlyList<PromptGroup> kept = Answers(evaluated, New, Kept, 1, cancel);
        return new Probe(policy, read, kept, () => Answers(evaluated, New, each, 1 + Kept, policy.Model.Cancellation), recipe, ranks ?? new Ranks());

        IReadOnlyList<PromptGroup> Answers(Recipe how, int most, int samples, int first, CancellationToken cancel) =>
            GenerateSamples.From(policy, [.. drawn.Take(most)], how, step: 0, progress: null, cancel, samples, first);
    }

    /// <summary>
    /// Whether the model is to answer after a step: now and then, and where a checkpoint is to be known as good or not. How many steps there
    /// are does not matter, for a run may be resumed with more of them.
    /// </summary>
    public static bool Asks(Recipe recipe, int step) => step % Every == 0 || (recipe.CheckpointEvery > 0 && step % recipe.CheckpointEvery == 0);

    /// <summary>Reads the answers with the model as it is now, and lets it answer where it is to.</summary>
    public void Measure(Meter meter, bool asks)
    {
        var clock = Stopwatch.StartNew();
        (double logProb, double entropy, double norm) = Read();
        meter.Set(Metrics.ProbeKl, _start.LogProb - logProb);
        meter.Set(Metrics.ProbeDistance, (_start.LogProb - logProb) / _start.Entropy);
        meter.Set(Metrics.ProbeEntropy, entropy / _start.Entropy);
        meter.Set(Metrics.ProbeLogitNorm, norm / _start.Norm);
        if (asks && _agreement >= LeastAgreement) meter.Set(Metrics.ProbeAgreement, Agreement(_answer!()) / _agreement);
        meter.Lap(Metrics.ProbeSeconds, clock);
    }

    private double Agreement(IReadOnlyList<PromptGroup> groups) =>
        groups.Zip(_kept, (now, kept) => now.Samples.Average(sample => Equal(sample, kept)) / Kept).Average();

    private static double Equal(Sample sample, PromptGroup kept) => kept.Samples.Count(other => other.IsAnswered && sample.Gives(other.Extraction.Answer!));

    /// <summary>Means over all tokens.</summary>
    private (double LogProb, double Entropy, double Norm) Read()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope whole = NewDisposeScope();
        Tensor sums_N = zeros(3, ScalarType.Float64, _model.HeadWeight.device); // [3]
        long count = 0;
        foreach (ArraySegment<Sample> part in MicroBatches.Split(_answers, _microBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden_TD = rows.Hidden(_model), ids_T = rows.Targets(hidden_TD.device); // [answer tokens, width], [answer tokens]
            OutputHead.Read(hidden_TD, _model.HeadWeight, some =>
            {
                Tensor[] values = [LogitRows.Pick(some.LogProbs(), some.Of(ids_T)), some.Entropy(), some.Logits().norm(1)]; // [rows] each
                sums_N.AddInPlace(stack([.. values.Select(value => value.sum(ScalarType.Float64))]));
            });
            count += rows.Count;
        }

        double[] sums = _ranks.Sum([.. Floats.Numbers([sums_N[0], sums_N[1], sums_N[2]]), count]);
        return (sums[0] / sums[3], sums[1] / sums[3], sums[2] / sums[3]);
    }
}
