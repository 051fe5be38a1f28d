using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// Clipped policy gradient with advantages relative to the group (GRPO, arXiv:2402.03300; asymmetric clip from DAPO, arXiv:2503.14476).
/// <code>
/// ρ_t = exp(log π(y_t) − log π_old(y_t))
/// P_t = max(− A ρ_t, − A clip(ρ_t, 1 − ε_low, 1 + ε_high));     where A &lt; 0:  P_t = min(P_t, − A c)
/// K_t = min(exp(k) − k − 1, 10),  k = log π_ref(y_t) − log π(y_t)
/// L = Σ_t w_t ( P_t + β K_t − η H_t )
/// </code>
/// log π_old is what the sampler recorded, π_ref the start model, H_t the entropy, η see <see cref="EntropyBonus"/>; logits are divided by the sampling temperature
/// everywhere. w_t averages over all tokens of the update (<see cref="TokenWeights"/>).
/// Deviations: verl averages within a micro-batch first, so its result depends on the split; here it does not. As in newer verl k is held
/// to ±20, so that one token cannot overflow, and K to 10, so that one token cannot outweigh a batch; beyond that it has no gradient.
/// </summary>
internal sealed class Grpo : Method
{
    public static readonly Metric Kl = new("kl", "nats", "down", "Divergence from the start model (estimator k3), mean over tokens.");
    public static readonly Metric Ratio =
        new("ratio", "ratio", "none", "Probability of a token now divided by that at sampling time, mean over tokens.");
    public static readonly Metric ClippedLow =
        new("clipped_low", "share", "none", "Tokens whose ratio is below the clip range while the advantage is negative.");
    public static readonly Metric ClippedHigh =
        new("clipped_high", "share", "none", "Tokens whose ratio is above the clip range while the advantage is positive.");

    private const double LargestLogRatio = 20, LargestDivergence = 10;
    private const string AnswerRatio = "log ratio of the answer";

    private readonly PolicyGradientSettings _settings;
    private readonly Func<TokenBatch, Tensor, double, Tensor>? _logRatios;
    private readonly ReferenceModel? _start;
    private readonly EntropyBonus _bonus;
    private Dictionary<Sample, float[]> _startLogProbs = [];

    /// <param name="context">The run.</param>
    /// <param name="logRatios">
    /// [n] what stands for the logarithm of the ratio of each token, from tokens, head and temperature; null for that of the token itself.
    /// </param>
    internal Grpo(MethodContext context, Func<TokenBatch, Tensor, double, Tensor>? logRatios = null) : base(context)
    {
        _logRatios = logRatios;
        _settings = context.Recipe.Of<PolicyGradientSettings>();
        _bonus = new EntropyBonus(_settings, Numbers, context.Policy.Model.HeadWeight.device);
        _start = _settings.KlCoefficient > 0 ? ReferenceModel.Load(context) : null;
    }

    public static MethodDeclaration Declaration { get; } = new(
        "grpo", "Clipped policy gradient with group-relative advantages (GRPO).",
        "arXiv:2402.03300, section 4.1; arXiv:2503.14476, section 3.1", context => new Grpo(context))
    {
        Settings = [new PolicyGradientSettings()],
        Metrics = [Kl, Ratio, ClippedLow, ClippedHigh, EntropyBonus.WeightMetric],
        Shown = [("reward", Measures.Metrics.Reward, 3)],
        UsesRewards = true,
    };

    /// <summary>η of the update at work.</summary>
    internal double EntropyWeight => _bonus.Weight;

    public override IReadOnlyList<Tensor> Sums => _bonus.Sums;

    public override void BeginStep(IReadOnlyList<Sample> learning)
    {
        if (_start is not null)
            _startLogProbs = _start.LogProbs([.. learning], Temperature, Context.Recipe.MicroBatchTokens);
    }

    public override void BeforeLoss(TokenBatch tokens, Tensor head)
    {
        if (_logRatios is not null) tokens.Put(AnswerRatio, _logRatios(tokens, head, Temperature));
    }

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        Tensor logprobs_TV = rows.LogProbs(), logprob_T = LogitRows.Pick(logprobs_TV, rows.Of(tokens.Targets!)); // [rows, vocab], [rows] as all below
        Tensor entropy = EntropyWeight > 0 ? rows.Entropy() : LogitRows.Entropy(logprobs_TV.detach());
        Tensor change = tokens.Kept(AnswerRatio) is { } answer
            ? (logprob_T - logprob_T.detach()).Plus(rows.Of(answer))
            : logprob_T - rows.Of(tokens.OldLogProbs);
        Tensor cost = rows.Of(tokens.Advantages).neg(), ratio = change.exp();
        using Scalar zero = 0, low = 1 - _settings.ClipLow, high = 1 + _settings.ClipHigh;
        tokens.KeepLogProbs(rows, logprob_T);
        tokens.Mean(Metrics.Entropy, rows, entropy);
        _bonus.See(entropy);
        tokens.Mean(Ratio, rows, ratio);
        tokens.Mean(ClippedLow, rows, cost.gt(zero).logical_and(ratio.lt(low)));
        tokens.Mean(ClippedHigh, rows, cost.lt(zero).logical_and(ratio.gt(high)));

        Tensor loss = maximum(cost * ratio, cost * ratio.clamp(low, high));
        if (_settings.DualClip > 0) loss = where(cost.gt(zero), minimum(loss, cost.Times(_settings.DualClip)), loss);
        if (_start is not null)
        {
            Tensor start = tokens.Of("start log-probabilities", sample => _startLogProbs[sample]);
            Tensor divergence = Divergence(logprob_T, rows.Of(start));
            tokens.Mean(Kl, rows, divergence);
            loss = loss.Plus(divergence.Times(_settings.KlCoefficient));
        }

        return EntropyWeight > 0 ? loss - entropy.Times(EntropyWeight) : loss;
    }

    public override void EndUpdate(Meter meter) => _bonus.EndUpdate(meter);

    public override void Dispose()
    {
        base.Dispose();
        _bonus.Dispose();
        _start?.Dispose();
    }

    /// <summary>The estimate k3 of KL(π‖π_start) of each token (Schulman 2020): e^k − k − 1 with k = log π_start − log π, bounded.</summary>
    internal static Tensor Divergence(Tensor logProb, Tensor start)
    {
        using Scalar lowest = -LargestLogRatio, highest = LargestLogRatio, largest = LargestDivergence;
        Tensor k = (start - logProb).clamp(lowest, highest);
        return (k.exp() - k).Minus(1).clamp_max(largest);
    }
}

/// <summary>Settings of clipped policy gradients.</summary>
internal sealed record PolicyGradientSettings : MethodSettings
{
    [Setting("ratio", "PPO's clip range below 1: beyond it the probability ratio has no gradient.", Min = 0, Max = 1)]
    public double ClipLow { get; init; } = 0.2;

    [Setting("ratio", "PPO's clip range above 1: beyond it the probability ratio has no gradient.", Min = 0, Max = 100)]
    public double ClipHigh { get; init; } = 0.2;

    [Setting("ratio", "Bounds the loss of answers with negative advantage at this multiple; 0 switches it off.", Min = 0)]
    public double DualClip { get; init; } = 3;

    [Setting("weight", "Weight of the KL divergence from the start model (estimator k3).", Min = 0)]
    public double KlCoefficient { get; init; } = 0.001;

    [Setting("weight", "Weight of the entropy bonus; with entropy-target its initial value.", Min = 0)]
    public double EntropyCoefficient { get; init; }

    [Setting("nats", "Target of the token entropy: the weight of the bonus is adjusted to reach it; 0 leaves the weight as it is.", Min = 0)]
    public double EntropyTarget { get; init; }

    [Setting("weight", "With entropy-target: change of the weight per update; the weight stays between 0 and 1.", Min = 0, Max = 1)]
    public double EntropyDelta { get; init; } = 0.005;
}
