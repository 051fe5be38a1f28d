using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// EPO (arXiv:2509.22576): a policy gradient with an entropy bonus and a corridor around the entropy's own history.
/// <code>
/// L = Σ_t w_t ( P_t + β K_t − η [ H_t − β_k α O_t ] )                    all but the last term: <see cref="Grpo"/>
/// O_t = max(0, κ_low H̄ − H_t) + max(0, H_t − κ_high H̄)                 H̄ the mean of the mean entropies of all steps before
/// β_k = 1 + exp(− γ k / ⌊K / 2⌋)                                        k of K steps are behind
/// </code>
/// η is <c>entropy-coefficient</c>; at 0 nothing of EPO is left. The first step has no history and no corridor.
/// Deviations: the released code makes the penalty of comparisons, a constant that no weight can change; here it is the paper's, with a
/// gradient outside of the corridor and none inside. The paper averages over the turns of an agent first; here every answer is one turn.
/// </summary>
internal sealed class Epo : Method
{
    public static readonly Metric CorridorShare =
        new("corridor_share", "share", "up", "Tokens whose entropy is inside the corridor around the mean of earlier steps.");
    public static readonly Metric EntropyHistory =
        new("entropy_history", "nats", "none", "Mean of the mean entropies of the steps so far, which the next corridor lies around.");

    private const string Sum = "epo.entropies", Steps = "epo.steps";

    private readonly EpoSettings _settings;
    private readonly Grpo _policyGradient;

    private Epo(MethodContext context) : base(context)
    {
        _settings = context.Recipe.Of<EpoSettings>();
        _policyGradient = new Grpo(context);
    }

    public static MethodDeclaration Declaration { get; } = new(
        "epo", "Policy gradient with an entropy bonus and a corridor around the entropy's own history (EPO).",
        "arXiv:2509.22576, version 2", context => new Epo(context))
    {
        Settings = [.. Grpo.Declaration.Settings, new EpoSettings()],
        Metrics = [.. Grpo.Declaration.Metrics, CorridorShare, EntropyHistory],
        Shown = [.. Grpo.Declaration.Shown, ("entropy", Measures.Metrics.Entropy, 4)],
        UsesRewards = true,
    };

    public override Dictionary<string, double> Numbers => _policyGradient.Numbers;

    public override IReadOnlyList<Tensor> Sums => _policyGradient.Sums;

    public override void BeginStep(IReadOnlyList<Sample> learning) => _policyGradient.BeginStep(learning);

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        Tensor loss = _policyGradient.Loss(rows, tokens);
        if (!Numbers.TryGetValue(Steps, out double steps)) return loss;
        double mean = Numbers[Sum] / steps, half = Math.Max(1, Context.Recipe.Steps / 2);
        Tensor entropy_T = rows.Entropy(); // [rows]
        Tensor outside = entropy_T.neg().Plus(_settings.CorridorLow * mean).relu().Plus(entropy_T.Minus(_settings.CorridorHigh * mean).relu());
        tokens.Mean(CorridorShare, rows, outside.logical_not());
        double weight = _policyGradient.EntropyWeight * _settings.CorridorWeight;
        return loss.Plus(outside.Times(weight * (1 + Math.Exp(-_settings.CorridorDecay * steps / half))));
    }

    public override void EndUpdate(Meter meter) => _policyGradient.EndUpdate(meter);

    public override void EndStep(Meter meter)
    {
        if (meter[Metrics.Entropy] is not { } entropy) return;
        Numbers[Sum] = Numbers.GetValueOrDefault(Sum) + entropy;
        Numbers[Steps] = Numbers.GetValueOrDefault(Steps) + 1;
        meter.Set(EntropyHistory, Numbers[Sum] / Numbers[Steps]);
    }

    public override void Dispose()
    {
        base.Dispose();
        _policyGradient.Dispose();
    }
}

/// <summary>Settings of EPO.</summary>
internal sealed record EpoSettings : MethodSettings
{
    [Setting("weight", "Weight of the penalty outside the entropy corridor, relative to entropy-coefficient.", Min = 0)]
    public double CorridorWeight { get; init; } = 0.1;

    [Setting("ratio", "Lower end of the entropy corridor, as a multiple of the mean entropy of earlier steps.", Min = 0)]
    public double CorridorLow { get; init; }

    [Setting("ratio", "Upper end of the entropy corridor, likewise.", Min = 0)]
    public double CorridorHigh { get; init; } = 2;

    [Setting("factor", "How fast the penalty's weight falls from twice its value to its value over the first half of the steps.", Min = 0)]
    public double CorridorDecay { get; init; } = 3;
}
