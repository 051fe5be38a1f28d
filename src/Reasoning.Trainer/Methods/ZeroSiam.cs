using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// ZeroSiam (arXiv:2509.23183, ICLR 2026): the entropy behind a predictor is minimized, and its distribution is aligned with the original one.
/// <code>
/// p_r = softmax(h Wᵀ / τ), constant        p_o = softmax((h Pᵀ) Wᵀ / τ)
/// L = Σ_t w_t [ H(p_o) + α ( KL(p_r‖p_o) + KL(p_o‖p_r) ) ]
/// </code>
/// h is the hidden state after the final norm, W the head, P the predictor (float32, the identity at first), τ is <c>loss-temperature</c>.
/// The gradient reaches the model through h and P. While P is the identity the divergence and its gradient are zero, so the first step on
/// the model equals Tent's, and all steps where P is frozen there: to the bit while an update's rows fit one chunk of the head.
/// Deviations. The paper states no settings for language models: placing P before the head, and averaging the loss over sampled tokens, are
/// our choices.
/// Trained parameters: the released code trains the affine parameters of all norms and P, never the head (<c>trainable</c> norms; body is all
/// else but the head); the paper's language model trains LoRA. The recipe trains all, and a head that learns gets gradients of the
/// online branch.
/// Optimizers: the released code has two of SGD with momentum 0.9, without weight decay, clipping or schedule. Here the recipe's optimizer
/// (AdamW by default) is used, with separate clipping for model and P.
/// Learning rates: there 5 to 10 times a base rate for the model and 5 to 100 times for P, so P's is 1 to 10 times the model's; here
/// <c>predictor-ratio</c>, 1.
/// Prediction: there a batch is classified by the target branch of the forward pass whose loss then updates the model. Here, too, answers come
/// from p_r before the update that learns from them, and <c>online_accuracy</c> counts these; the evaluation uses the model at the end.
/// Warm-up and additional steps of P are ours. The other settings are for ablations: <c>stop-gradient</c> false lets the gradient of the
/// divergence through p_r as well; <c>align-gradient</c> predictor gives it to P alone, by a second pass through the head;
/// <c>predictor-init</c> random is initialized like PyTorch's linear layers, uniform in ±1/√width.
/// </summary>
internal sealed class ZeroSiam : Method
{
    public static readonly Metric OnlineEntropy =
        new("online_entropy", "nats", "none", "Mean entropy of the answer tokens behind the predictor.");
    public static readonly Metric Divergence =
        new("divergence", "nats", "none", "Symmetric divergence between the two branches, mean over tokens.");
    public static readonly Metric PredictorDeviation =
        new("predictor_deviation", "deviation", "down", "‖P − P₀‖ / √width after the step, P₀ the predictor at first.");
    public static readonly Metric PredictorGradNorm =
        new("predictor_grad_norm", "norm", "none", "Gradient norm of the predictor before clipping, mean over the step's updates.");

    /// <summary>
    /// A predictor that begins as the identity should lower the entropy by more than the divergence costs: H(p_o) + α D ≤ H(p_r). The guard
    /// tolerates an excess up to this factor.
    /// </summary>
    private const double MostExcess = 1.1;

    private readonly PredictorSettings _settings;
    private readonly Parameter _predictor;
    private readonly LogitStatistics _logits;

    private ZeroSiam(MethodContext context) : base(context, context.Recipe.Of<EntropySettings>())
    {
        _settings = context.Recipe.Of<PredictorSettings>();
        Check(_settings);
        using DisposeScope scope = NewDisposeScope();
        CausalLM model = context.Policy.Model;
        _logits = new LogitStatistics(model);
        _predictor = new Parameter(First(model.HeadWeight.device));
        _predictor.DetachFromDisposeScope();
        Parameters =
        [
            new("predictor", "predictor.weight", _predictor, _settings.PredictorRatio, _settings.PredictorMaxGradNorm, PredictorGradNorm),
        ];
        Rule = _settings.PredictorSteps == 1 ? new PlainUpdate(context.Recipe) : new FurtherSteps(context.Recipe, _settings.PredictorSteps);
    }

    public static MethodDeclaration Declaration { get; } = new(
        "zerosiam", "Token entropy behind a predictor is minimized, aligned with the stop-gradient branch (ZeroSiam).",
        "arXiv:2509.23183, equation 4", context => new ZeroSiam(context))
    {
        Settings = [new EntropySettings(), new PredictorSettings()],
        Metrics = [OnlineEntropy, Divergence, PredictorDeviation, LogitStatistics.Norm, LogitStatistics.TopTokenShare, PredictorGradNorm],
        Shown = [("entropy", Measures.Metrics.Entropy, 4), ("predictor", PredictorDeviation, 4)],
        Rules =
        [
            GuardRule.Above("predictor", PredictorDeviation, recipe => recipe.Of<PredictorSettings>().GuardPredictor, "the predictor's distance from its start"),
            new("objective", reading => GuardRule.Ratio(Excess(reading), MostExcess),
                reading => $"H(p_o) + α D is {GuardRule.Text(Excess(reading))} times H(p_r), {MostExcess} times or more"),
        ],
    };

    public override IReadOnlyList<ExtraParameter> Parameters { get; }

    public override IUpdateRule Rule { get; }

    public override double ModelRatio(int step) => step <= _settings.PredictorWarmup ? 0 : 1;

    public override void BeforeLoss(TokenBatch tokens, Tensor head)
    {
        if (_settings.AlignGradient == AlignGradientKind.Predictor && _settings.Alpha > 0)
            TeachPredictor(tokens, _predictor, head, _settings.Alpha, Temperature);
    }

    public override Tensor[] States(Tensor hidden) => States(hidden, _predictor, _settings.StopGradient);

    public override Tensor Loss(LogitRows rows, TokenBatch tokens) =>
        Loss(rows, tokens, _settings.Alpha, Temperature, _logits.Tops, _settings.AlignGradient == AlignGradientKind.All);

    public override IReadOnlyList<Tensor> Sums => [_logits.Tops];

    public override void EndUpdate(Meter meter) => _logits.EndUpdate(meter);

    public override void EndStep(Meter meter)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor moved_DD = _predictor - First(_predictor.device); // [width, width]
        meter.Set(PredictorDeviation, moved_DD.to(ScalarType.Float64).norm().DividedBy(Math.Sqrt(_predictor.shape[0])));
    }

    public override void Dispose()
    {
        base.Dispose();
        _logits.Dispose();
    }

    /// <summary>The target branch and the online one, [n, width] each.</summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="predictor">[width, width], applied as h Pᵀ</param>
    /// <param name="stopGradient">Whether the target is constant.</param>
    internal static Tensor[] States(Tensor hidden, Tensor predictor, bool stopGradient = true)
    {
        using IDisposable gradient = enable_grad(); // also where only the predictor moves and the hidden states are constant
        Tensor online = nn.functional.linear(hidden.to(predictor.dtype), predictor).to(hidden.dtype);
        return [stopGradient ? hidden.detach() : hidden, online];
    }

    /// <summary>[rows] the loss of each token; counts the most probable tokens in <paramref name="tops"/>.</summary>
    /// <param name="rows">Both branches.</param>
    /// <param name="tokens">Takes the measurements.</param>
    /// <param name="alpha">α</param>
    /// <param name="temperature">What the logits were divided by.</param>
    /// <param name="tops">[vocab]</param>
    /// <param name="aligns">Whether the divergence has a gradient here, and not only in <see cref="TeachPredictor"/>.</param>
    internal static Tensor Loss(LogitRows rows, TokenBatch tokens, double alpha, double temperature, Tensor tops, bool aligns = true)
    {
        Tensor target_TV = rows.LogProbs(0), online_TV = rows.LogProbs(1); // [rows, vocab]
        Tensor before_TV = target_TV.exp(), p_TV = online_TV.exp(); // [rows, vocab] once for all that follows: they cost as much as a product
        Tensor entropy_T = (p_TV * online_TV).sum(1).neg(); // [rows]
        Tensor divergence_T = Symmetric(target_TV, before_TV, online_TV, p_TV); // [rows]
        tokens.Mean(Metrics.Entropy, rows, (before_TV * target_TV).sum(1).neg());
        tokens.Mean(OnlineEntropy, rows, entropy_T);
        tokens.Mean(Divergence, rows, divergence_T);
        LogitStatistics.Measure(rows, tokens, temperature, tops);
        return entropy_T.Plus((aligns ? divergence_T : divergence_T.detach()).Times(alpha));
    }

    /// <summary>Adds the gradient of the divergence to the predictor; states and head are constant.</summary>
    internal static void TeachPredictor(TokenBatch tokens, Tensor predictor, Tensor head, double alpha, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        tokens.Backward(
            States(tokens.Hidden.detach(), predictor), head.detach(),
            (rows, _) => Symmetric(rows.LogProbs(0), rows.LogProbs(0).exp(), rows.LogProbs(1), rows.LogProbs(1).exp()).Times(alpha), temperature);
    }

    private static double? Excess(GuardReading reading)
    {
        PredictorSettings settings = reading.Recipe.Of<PredictorSettings>();
        if (settings.PredictorInit != PredictorInitKind.Identity) return null;
        return (reading.Now(OnlineEntropy) + (settings.Alpha * reading.Now(Divergence))) / reading.Now(Measures.Metrics.Entropy);
    }

    /// <summary>[rows] both divergences in one sum: Σ_v (p_o − p_r) (log p_o − log p_r)</summary>
    private static Tensor Symmetric(Tensor logr, Tensor r, Tensor logp, Tensor p) => ((p - r) * (logp - logr)).sum(1);

    private static void Check(PredictorSettings settings)
    {
        if (!settings.StopGradient && settings.AlignGradient == AlignGradientKind.Predictor)
        {
            throw new UserErrorException(
                "align-gradient predictor takes the original branch as constant: set stop-gradient to true, or align-gradient to all");
        }

        if (settings.PredictorSteps > 1 && settings.PredictorRatio == 0)
            throw new UserErrorException("predictor-steps needs a predictor that learns: set predictor-ratio above 0, or predictor-steps to 1");
    }

    /// <summary>[width, width] float32, P at first: a function of the settings and the seed alone.</summary>
    private Tensor First(Device device)
    {
        int width = Context.Policy.Model.Config.HiddenSize;
        if (_settings.PredictorInit == PredictorInitKind.Identity) return eye(width, dtype: ScalarType.Float32, device: device);
        var stream = new KeyedStream(Context.Recipe.Seed, KeyedRandom.Key("predictor"));
        var values = new float[width * width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(((2 * stream.NextDouble()) - 1) / Math.Sqrt(width));
        return tensor(values, device: device).view(width, width);
    }

    /// <summary>
    /// A plain update, then further ones on the same answers that move the predictor alone, with the model as the update left it.
    /// </summary>
    private sealed class FurtherSteps(Recipe recipe, int steps) : IUpdateRule
    {
        public void Update(Learner learner, Sample[] batch, int step, Meter meter)
        {
            using DisposeScope scope = NewDisposeScope();
            if (learner.Accumulate(batch, meter) is not { } loss) return;
            PlainUpdate.Apply(learner, loss, recipe, step, meter);
            for (int k = 1; k < steps; k++)
            {
                using var aside = new Meter(); // measurements are those of the weights that the step began with
                Tensor? again;
                using (no_grad()) again = learner.Accumulate(batch, aside);
                if (again is null) return;
                PlainUpdate.Apply(learner, again, recipe, step, aside, only: learner.Groups[^1]);
                foreach (Metric time in (Metric[])[Metrics.ForwardSeconds, Metrics.BackwardSeconds, Metrics.OptimizerSeconds])
                    meter.Sum(time, aside[time] ?? 0);
            }
        }
    }
}

/// <summary>Settings of ZeroSiam's predictor.</summary>
internal sealed record PredictorSettings : MethodSettings
{
    [Setting("weight", "Weight of the divergence between the two branches.", Min = 0)]
    public double Alpha { get; init; } = 1;

    [Setting("true or false", "Whether the original branch has no gradient (stop-gradient), so that only the predictor's branch is aligned with it.")]
    public bool StopGradient { get; init; } = true;

    [Setting("word", "Which parameters the divergence trains: all, or the predictor alone.")]
    public AlignGradientKind AlignGradient { get; init; } = AlignGradientKind.All;

    [Setting("word", "How the predictor is initialized.")]
    public PredictorInitKind PredictorInit { get; init; } = PredictorInitKind.Identity;

    [Setting("ratio", "Predictor's learning rate divided by the model's; 0 freezes it.", Min = 0)]
    public double PredictorRatio { get; init; } = 1;

    [Setting("steps", "Optimizer steps of the predictor in each update; those after the first train it alone.", Min = 1, Max = 1000)]
    public int PredictorSteps { get; init; } = 1;

    [Setting("norm", "As max-grad-norm, for the predictor alone.", Min = 0)]
    public double PredictorMaxGradNorm { get; init; } = 1;

    [Setting("steps", "First steps in which only the predictor learns.", Min = 0)]
    public int PredictorWarmup { get; init; }

    [Setting("deviation", "Guard's rule predictor: ‖P − P₀‖ / √width rises to this, P₀ the predictor at first.", Min = 0, Above = true)]
    public double GuardPredictor { get; init; } = 0.3;
}

/// <summary>What the gradient of the divergence reaches.</summary>
internal enum AlignGradientKind
{
    /// <summary>The model through both predictor and hidden states, and the predictor.</summary>
    All,

    /// <summary>The predictor.</summary>
    Predictor,
}

/// <summary>How the predictor is initialized.</summary>
internal enum PredictorInitKind
{
    /// <summary>The identity: both branches are equal.</summary>
    Identity,

    /// <summary>Uniform in ±1/√width, keyed by the seed.</summary>
    Random,
}
