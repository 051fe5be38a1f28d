using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// EATA (Niu et al. 2022, arXiv:2204.02610): entropy of tokens that are reliable and of answers that are not like all others, the surer
/// ones with more weight; and a pull towards the start. ETA is the same without the pull.
/// <code>
/// e_t = H(p_t)        L = mean of exp(E₀ − e_t) e_t over { t : e_t ≤ E₀, cos(q_s, q̄) ≤ d }, the weight constant        (+ R, <see cref="FisherAnchor"/>)
/// q_s = mean of p_t over answer s        q̄ ← 0.9 q̄ + 0.1 mean of q_s over the answers of the step that are kept
/// </code>
/// E₀ is relative to the first step (<see cref="ReliableTokens"/>), d to the second: the quantile that leaves out <c>redundant-share</c> of
/// its answers. As in the paper nothing is redundant at first, when q̄ begins as the mean of the step.
/// Deviations: the paper compares each image's classes with d = 0.05. Between two tokens' distributions over a vocabulary that cosine says
/// little more than whether both are sure of the same word, and between whole answers it is always near one; hence answers, and a quantile.
/// Both are measured once a step, with the weights it begins with, which takes one more pass over its answers. The paper's F is of labelled
/// source data that a downloaded model comes without: here it is of the model's own first answers, an answer for a batch of images, and
/// against the most probable token as in the code. All parameters may learn, not only norms. Where nothing is left there is no update.
/// </summary>
internal sealed class Eata : Method
{
    public static readonly Metric RedundantShare =
        new("redundant_share", "share", "none", "Tokens of answers that are too much like those before.");
    public static readonly Metric Pull = new("pull", "nats", "down", "What the distance from the start adds to the loss.");

    private const string Like = "eata.like", Steps = "eata.steps";

    private readonly double _redundantShare;
    private readonly FisherAnchor? _anchor;
    private readonly HashSet<Sample> _redundant = [];
    private readonly Tensor _typical; // [vocab] q̄

    private Eata(MethodContext context, bool isAnchored) : base(context, context.Recipe.Of<EntropySettings>())
    {
        _redundantShare = context.Recipe.Of<EataSettings>().RedundantShare;
        Tensor head = context.Policy.Model.HeadWeight;
        _typical = zeros(head.shape[0], ScalarType.Float32, head.device).DetachFromDisposeScope();
        var settings = context.Recipe.Of<AnchorSettings>();
        _anchor = isAnchored ? new FisherAnchor(context, settings.AnchorWeight, settings.FisherAnswers, Pull) : null;
        Rule = _anchor ?? (IUpdateRule)new PlainUpdate(context.Recipe);
        Tensors = [("eata.typical", _typical), .. _anchor?.Tensors ?? []];
    }

    public static MethodDeclaration Eta { get; } = new(
        "eta", "Entropy of reliable tokens in answers unlike the others is minimized, the surer ones with more weight (ETA).",
        "arXiv:2204.02610, section 3.2", context => new Eata(context, isAnchored: false))
    {
        Settings = [new EntropySettings(), new ReliableSettings(), new EataSettings()],
        Metrics = [ReliableTokens.Share, RedundantShare],
        Shown = [("entropy", Measures.Metrics.Entropy, 4), ("reliable", ReliableTokens.Share, 2)],
    };

    public static MethodDeclaration Declaration { get; } = Eta with
    {
        Name = "eata",
        Summary = "As eta, with a pull towards the start where parameters mattered (EATA).",
        Source = "arXiv:2204.02610, sections 3.2 and 3.3",
        Create = context => new Eata(context, isAnchored: true),
        Settings = [.. Eta.Settings, new AnchorSettings()],
        Metrics = [.. Eta.Metrics, Pull],
        KeepsStart = true,
    };

    public override IUpdateRule Rule { get; }

    public override IReadOnlyList<(string Name, Tensor Values)> Tensors { get; }

    public override void BeginStep(IReadOnlyList<Sample> learning)
    {
        ReliableTokens.Calibrate(this, Context, learning);
        _redundant.Clear();
        if (learning.Count > 0 && _redundantShare > 0) FindRedundant([.. learning]);
    }

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        if (_anchor?.IsMeasuring == true) return rows.LogProbs().amax([1]).neg();
        Tensor entropy = Tent.Entropy(rows, tokens), reliable = ReliableTokens.Among(entropy, this, rows, tokens);
        Tensor redundant = rows.Of(
            tokens.Of("redundant", sample => Enumerable.Repeat(_redundant.Contains(sample) ? 1f : 0, sample.Rollout.Ids.Length)));
        tokens.Mean(RedundantShare, rows, redundant);
        tokens.Only(rows, reliable.logical_and(redundant.logical_not()));
        return entropy.detach().neg().Plus(Numbers[ReliableTokens.Threshold]).exp() * entropy;
    }

    private void FindRedundant(Sample[] samples)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor answers_BV = Distributions(samples); // [answers, vocab]
        Numbers[Steps] = Numbers.GetValueOrDefault(Steps) + 1;
        if (Numbers[Steps] == 1)
        {
            _typical.copy_(answers_BV.mean([0]));
            return;
        }

        float[] like = Floats.Of(nn.functional.cosine_similarity(answers_BV, _typical.unsqueeze(0), 1));
        if (Numbers[Steps] == 2)
            Numbers[Like] = like.Order().ElementAt(Math.Max(0, (int)Math.Ceiling((1 - _redundantShare) * like.Length) - 1));
        long[] kept = [.. Enumerable.Range(0, like.Length).Where(s => like[s] <= Numbers[Like]).Select(s => (long)s)];
        _redundant.UnionWith(samples.Where((_, s) => like[s] > Numbers[Like]));
        using Scalar memory = 0.9;
        if (kept.Length > 0) _typical.mul_(memory).AddInPlace(answers_BV.index_select(0, tensor(kept, device: answers_BV.device)).mean([0]), 0.1);
    }

    /// <summary>[answers, vocab] q_s</summary>
    private Tensor Distributions(Sample[] samples)
    {
        CausalLM model = Context.Policy.Model;
        Tensor sums = zeros([samples.Length, _typical.shape[0]], ScalarType.Float32, _typical.device);
        int place = 0;
        foreach (ArraySegment<Sample> part in MicroBatches.Split(samples, Context.Recipe.MicroBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            int first = place;
            Tensor answer = tensor(
                [.. part.SelectMany((sample, s) => Enumerable.Repeat((long)(first + s), sample.Rollout.Ids.Length))], device: sums.device);
            OutputHead.Read(
                rows.Hidden(model), model.HeadWeight, some => sums.AddRowsInPlace(some.Of(answer), some.LogProbs().exp()), Temperature);
            place += part.Count;
        }

        return sums / tensor([.. samples.Select(sample => (float)sample.Rollout.Ids.Length)], device: sums.device).unsqueeze(1);
    }
}

/// <summary>Settings of EATA and ETA.</summary>
internal sealed record EataSettings : MethodSettings
{
    [Setting("share",
        "Share of the second step's answers that count as redundant, those most like the first step's; sets the limit of similarity from then on; 0 keeps all.",
        Min = 0, Max = 1)]
    public double RedundantShare { get; init; } = 0.5;
}

/// <summary>Settings of the pull towards the start.</summary>
internal sealed record AnchorSettings : MethodSettings
{
    [Setting("weight", "Weight of the Fisher regularizer, which pulls parameters towards their start.", Min = 0)]
    public double AnchorWeight { get; init; } = 2000;

    [Setting("answers", "Answers of the first update from which the Fisher information of each parameter is estimated.", Min = 1)]
    public int FisherAnswers { get; init; } = 32;
}
