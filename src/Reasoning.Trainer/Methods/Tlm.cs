using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// Test-time learning of the input (TLM, ICML 2025, github.com/Fhujinwu/TLM): the model learns to expect the prompts themselves, those it expects least.
/// <code>
/// c_x = mean over the tokens t ≥ 2 of prompt x of − log p(x_t | x_&lt;t)
/// L = mean of S_x ( − log p(x_t | x_&lt;t) ) over the tokens of { x : c_x > log P₀ }        S_x = λ min(exp(c_x − log P₀), 10), constant
/// </code>
/// The answers of a step train nothing; they are sampled for the log, so one to a prompt is enough. c_x is of the weights that the step
/// begins with. What a template puts around a prompt counts like the prompt, as the model sees both.
/// Deviations: the paper's log P₀ = 3 nats depends on model and template, and many a model expects every prompt better than that; here it
/// is a quantile of the first step's prompts. Its weight has no bound, so that one garbled prompt can outweigh all others. Its code makes
/// a new optimizer for every batch of the stream; here there is one. Where no prompt surprises there is no update.
/// </summary>
internal sealed class Tlm : Method
{
    public static readonly Metric InputSurprise =
        new("input_surprise", "nats", "down", "Minus log-probability of the tokens of the step's prompts, mean over each, mean over prompts.");
    public static readonly Metric SurprisingShare = new("surprising_share", "share", "none", "Prompts of the step that are learned.");

    private const double LargestWeight = 10;
    private const string Threshold = "tlm.threshold";

    private readonly TlmSettings _settings;
    private readonly Dictionary<string, (Sample Prompt, double Surprise)> _prompts = [];

    /// <summary>The loss is at temperature 1, whatever answers are sampled with.</summary>
    private Tlm(MethodContext context) : base(context, new EntropySettings()) => _settings = context.Recipe.Of<TlmSettings>();

    public static MethodDeclaration Declaration { get; } = new(
        "tlm", "The prompts that the model expects least are learned themselves (TLM).",
        "ICML 2025, github.com/Fhujinwu/TLM", context => new Tlm(context))
    {
        Settings = [new TlmSettings()],
        Metrics = [InputSurprise, SurprisingShare],
        Shown = [("surprise", InputSurprise, 3), ("learned", SurprisingShare, 2)],
    };

    public override void BeginStep(IReadOnlyList<Sample> learning)
    {
        _prompts.Clear();
        Sample[] prompts = [.. learning.Select(sample => sample.Rollout).DistinctBy(rollout => rollout.PromptId)
            .Where(rollout => rollout.PromptIds.Length > 1).Select(AsAnswer)];
        SampleScores.Each(
            Context.Policy.Model, prompts, Temperature, Context.Recipe.MicroBatchTokens, (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (prompt, logProbs) => _prompts[prompt.Rollout.PromptId] =
                (new Sample(prompt.Rollout with { LogProbs = logProbs }, ""), -logProbs.Average(p => (double)p)),
            Context.Ranks);
        if (_prompts.Count == 0 || Numbers.ContainsKey(Threshold)) return;
        double[] surprises = [.. _prompts.Values.Select(prompt => prompt.Surprise).OrderDescending()];
        int count = (int)Math.Ceiling(_settings.SurprisingShare * surprises.Length);
        Numbers[Threshold] = count < surprises.Length ? surprises[count] : Math.BitDecrement(surprises[^1]);
    }

    public override Sample[] Learned(Sample[] batch) =>
    [
        .. batch.Select(sample => sample.Rollout.PromptId).Distinct().Where(IsSurprising).Select(id => _prompts[id].Prompt),
    ];

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        Tensor logprob_T = LogitRows.Pick(rows.LogProbs(), rows.Of(tokens.Targets!)); // [rows]
        tokens.KeepLogProbs(rows, logprob_T);
        return logprob_T * -rows.Of(tokens.Of("weights", prompt => Enumerable.Repeat(Weight(prompt), prompt.Rollout.Ids.Length)));
    }

    public override void EndStep(Meter meter)
    {
        meter.Mean(InputSurprise, _prompts.Values, prompt => prompt.Surprise);
        meter.Mean(SurprisingShare, _prompts.Keys, id => IsSurprising(id) ? 1 : 0);
    }

    /// <summary>A prompt as an answer to its first token, since that is what can be predicted of it.</summary>
    private static Sample AsAnswer(Rollout rollout) =>
        new(rollout with { PromptIds = rollout.PromptIds[..1], Ids = rollout.PromptIds[1..], LogProbs = [] }, "");

    private bool IsSurprising(string id) => _prompts.TryGetValue(id, out var prompt) && prompt.Surprise > Numbers[Threshold];

    private float Weight(Sample prompt) => (float)(_settings.SurpriseWeight
        * Math.Min(Math.Exp(_prompts[prompt.Rollout.PromptId].Surprise - Numbers[Threshold]), LargestWeight));
}

/// <summary>Settings of TLM.</summary>
internal sealed record TlmSettings : MethodSettings
{
    [Setting("share",
        "Share of the first step's prompts that are learned, those of highest perplexity; sets the limit from then on.", Min = 0, Above = true, Max = 1)]
    public double SurprisingShare { get; init; } = 0.5;

    [Setting("weight", "Weight of a prompt at that limit; prompts of higher perplexity count exponentially more, up to ten times.", Min = 0)]
    public double SurpriseWeight { get; init; } = 0.1;
}
