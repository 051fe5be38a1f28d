using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// SAR (Niu et al. 2023, arXiv:2302.12400): entropy of reliable tokens, minimized where the loss is flat, with a way back.
/// <code>
/// L₁ = mean of H(p_t) over { t : H(p_t) ≤ E₀ }                            its gradient leads the climb
/// L₂ = the same at the top, over those of them that still are      its gradient is applied at the foot
/// m ← 0.9 m + 0.1 L₂, L₂ at first        if m &lt; r m₀: everything goes back to the start, and m is forgotten
/// </code>
/// E₀ is relative to the first step (<see cref="ReliableTokens"/>), r is <c>restore-below</c>, m₀ the first m.
/// Deviations: the paper's bound of 0.2 is for classes of images; nearly every language model is below it at once, so it is relative to the
/// run's own start. All norms or all parameters may learn, not only those of the early layers. The released code puts the old m back
/// after a restore and so restores again and again; here it is forgotten. Where no token is reliable there is no update, where the code
/// takes the mean of nothing.
/// </summary>
internal sealed class Sar : Method
{
    public static readonly Metric TopLoss =
        new("top_loss", "nats", "none", "Loss at the top of the climb, averaged over updates with memory 0.9.");
    public static readonly Metric Restores = new("restores", "restores", "down", "Returns to the start since the run began.");

    private const string Average = "sar.average", First = "sar.first", Count = "sar.restores";

    private readonly SarSettings _settings;
    private readonly SharpnessAware _rule;
    private readonly List<Tensor> _reliable = []; // [rows] of each call of the loss at the foot, for the same call at the top
    private int _call;

    private Sar(MethodContext context) : base(context, context.Recipe.Of<EntropySettings>())
    {
        _settings = context.Recipe.Of<SarSettings>();
        Rule = _rule = new SharpnessAware(context.Recipe, _settings.Sharpness, Recover);
    }

    public static MethodDeclaration Declaration { get; } = new(
        "sar", "Sharpness-aware minimization of the entropy of reliable tokens, with resets to the start (SAR).",
        "arXiv:2302.12400, section 3", context => new Sar(context))
    {
        Settings = [new EntropySettings(), new ReliableSettings(), new SarSettings()],
        Metrics = [ReliableTokens.Share, TopLoss, Restores],
        Shown = [("entropy", Measures.Metrics.Entropy, 4), ("reliable", ReliableTokens.Share, 2)],
        KeepsStart = true,
    };

    public override IUpdateRule Rule { get; }

    public override void BeginStep(IReadOnlyList<Sample> learning) =>
        ReliableTokens.Calibrate(this, Context, learning);

    public override Tensor Loss(LogitRows rows, TokenBatch tokens)
    {
        Tensor entropy = Tent.Entropy(rows, tokens), reliable = ReliableTokens.Among(entropy, this, rows, tokens);
        if (_rule.IsAtTop)
        {
            reliable = reliable.logical_and(_reliable[_call]);
        }
        else
        {
            if (_call == 0) Forget();
            _reliable.Add(reliable.clone().DetachFromDisposeScope());
        }

        _call++;
        tokens.Only(rows, reliable);
        return entropy;
    }

    public override void EndUpdate(Meter meter)
    {
        _call = 0;
        if (_rule.IsAtTop) Forget();
    }

    public override void EndStep(Meter meter)
    {
        if (Numbers.TryGetValue(Average, out double average)) meter.Set(TopLoss, average);
        meter.Set(Restores, Numbers.GetValueOrDefault(Count));
    }

    public override void Dispose()
    {
        base.Dispose();
        Forget();
    }

    private void Forget()
    {
        foreach (Tensor mask in _reliable) mask.Dispose();
        _reliable.Clear();
    }

    private void Recover(Learner learner, double loss)
    {
        double average = Numbers.TryGetValue(Average, out double old) ? (0.9 * old) + (0.1 * loss) : loss;
        Numbers[Average] = average;
        Numbers.TryAdd(First, average);
        if (average >= _settings.RestoreBelow * Numbers[First]) return;
        double threshold = Numbers[ReliableTokens.Threshold], first = Numbers[First], restores = Numbers.GetValueOrDefault(Count) + 1;
        learner.Reset();
        (Numbers[ReliableTokens.Threshold], Numbers[First], Numbers[Count]) = (threshold, first, restores);
    }
}

/// <summary>Settings of SAR.</summary>
internal sealed record SarSettings : MethodSettings
{
    [Setting("norm",
        "Sharpness-aware minimization: length of the step towards higher loss, where the gradient is taken; 0 takes it without that step.", Min = 0)]
    public double Sharpness { get; init; } = 0.05;

    [Setting("ratio",
        "The model is reset to its start when the averaged loss falls below this multiple of its first value; 0 never resets it.",
        Min = 0, Max = 1)]
    public double RestoreBelow { get; init; } = 0.2;
}
