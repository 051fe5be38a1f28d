using Reasoning.Models.Modeling;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// ZeroSiam (arXiv:2509.23183, ICLR 2026): entropy is minimized behind a predictor, which is held to the original distribution.
/// <code>
/// p_r = softmax(h Wᵀ / τ), constant        p_o = softmax((h Pᵀ) Wᵀ / τ)
/// L = Σ_t w_t [ H(p_o) + α ( KL(p_r‖p_o) + KL(p_o‖p_r) ) ]
/// </code>
/// h is the hidden state after the final norm, W the head, P the predictor (float32, the identity at first), τ is <c>loss-temperature</c>.
/// The gradient reaches the model through h and P; answers are sampled from p_r, without the predictor.
/// Deviations: the paper states no settings for language models; the place of P before the head, the mean over sampled tokens and the
/// separate clipping of the predictor are ours. While P is the identity the divergence and its gradient are zero, so the first step on
/// the model equals Tent's.
/// </summary>
internal sealed class ZeroSiam : Method
{
    public static readonly Metric OnlineEntropy =
        new("online_entropy", "nats", "none", "Mean entropy of the answer tokens behind the predictor.");
    public static readonly Metric Divergence =
        new("divergence", "nats", "none", "Symmetric divergence between the two branches, mean over tokens.");
    public static readonly Metric PredictorDeviation = new("predictor_deviation", "deviation", "down", "‖P − I‖ / √width after the step.");
    public static readonly Metric LogitNorm = new("logit_norm", "norm", "none", "Mean Euclidean norm of the logits.");
    public static readonly Metric TopTokenShare =
        new("top_token_share", "share", "down", "Rows whose most probable token is the most frequent one.");
    public static readonly Metric PredictorGradNorm =
        new("predictor_grad_norm", "norm", "none", "Gradient norm of the predictor before clipping, mean over the step's updates.");

    private readonly PredictorSettings _settings;
    private readonly Parameter _predictor;
    private readonly Tensor _tops; // [vocab] how often a token of the target branch was the most probable one in an update

    private ZeroSiam(MethodContext context) : base(context, context.Recipe.Of<EntropySettings>())
    {
        _settings = context.Recipe.Of<PredictorSettings>();
        CausalLM model = context.Policy.Model;
        _predictor = new Parameter(eye(model.Config.HiddenSize, dtype: ScalarType.Float32, device: model.HeadWeight.device));
        _predictor.DetachFromDisposeScope();
        _tops = zeros(model.Config.VocabSize, ScalarType.Float64, model.HeadWeight.device).DetachFromDisposeScope();
        Parameters =
        [
            new("predictor", "predictor.weight", _predictor, _settings.PredictorRatio, _settings.PredictorMaxGradNorm, PredictorGradNorm),
        ];
    }

    public static MethodDeclaration Declaration { get; } = new(
        "zerosiam", "Token entropy behind a predictor is minimized, aligned with the detached original (ZeroSiam).",
        "arXiv:2509.23183, equation 4", context => new ZeroSiam(context))
    {
        Settings = [new EntropySettings(), new PredictorSettings()],
        Metrics = [OnlineEntropy, Divergence, PredictorDeviation, LogitNorm, TopTokenShare, PredictorGradNorm],
        Shown = [("entropy", Runs.Metrics.Entropy, 4), ("predictor", PredictorDeviation, 4)],
    };

    public override IReadOnlyList<ExtraParameter> Parameters { get; }

    public override double ModelRatio(int step) => step <= _settings.PredictorWarmup ? 0 : 1;

    public override Tensor[] States(Tensor hidden) => States(hidden, _predictor);

    public override Tensor Loss(LogitRows rows, TokenBatch tokens) => Loss(rows, tokens, _settings.Alpha, Temperature, _tops);

    public override void EndUpdate(Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        meter.Set(TopTokenShare, _tops.max() / _tops.sum());
        _tops.zero_();
    }

    public override void EndStep(Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        meter.Set(PredictorDeviation, Deviation(_predictor));
    }

    public override void Dispose()
    {
        base.Dispose();
        _tops.Dispose();
    }

    /// <summary>The target branch and the online one, [n, width] each.</summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="predictor">[width, width], applied as h Pᵀ</param>
    internal static Tensor[] States(Tensor hidden, Tensor predictor) =>
        [hidden.detach(), nn.functional.linear(hidden.to(predictor.dtype), predictor).to(hidden.dtype)];

    /// <summary>[rows] the loss of each token; counts the most probable tokens in <paramref name="tops"/>.</summary>
    internal static Tensor Loss(LogitRows rows, TokenBatch tokens, double alpha, double temperature, Tensor tops)
    {
        Tensor logr = rows.LogProbs(0), logp = rows.LogProbs(1); // [rows, vocab]
        Tensor entropy = LogitRows.Entropy(logp); // [rows]
        Tensor divergence = ((logp.exp() - logr.exp()) * (logp - logr)).sum(1); // [rows], both directions in one
        tokens.Mean(Metrics.Entropy, rows, LogitRows.Entropy(logr));
        tokens.Mean(OnlineEntropy, rows, entropy);
        tokens.Mean(Divergence, rows, divergence);
        tokens.Mean(LogitNorm, rows, rows.Logits(0).norm(1) * temperature);
        Tensor top = logr.argmax(1);
        tops.index_add_(0, top, ones_like(top, ScalarType.Float64), 1);
        return entropy + (divergence * alpha);
    }

    /// <summary>[] ‖P − I‖ / √width: 0 at first, 1 for a zero matrix; owned by the caller's scope.</summary>
    private static Tensor Deviation(Tensor predictor)
    {
        using IDisposable noGradient = no_grad();
        Tensor from = (predictor - eye(predictor.shape[0], dtype: ScalarType.Float32, device: predictor.device)).to(ScalarType.Float64);
        return from.norm() / Math.Sqrt(predictor.shape[0]);
    }
}

/// <summary>Settings of ZeroSiam's predictor.</summary>
internal sealed record PredictorSettings : MethodSettings
{
    [Setting("weight", "Weight of the divergence between the two branches.", Min = 0)]
    public double Alpha { get; init; } = 1;

    [Setting("ratio", "Predictor's learning rate divided by the model's; 0 freezes it at the identity.", Min = 0)]
    public double PredictorRatio { get; init; } = 0.1;

    [Setting("norm", "As max-grad-norm, for the predictor alone.", Min = 0)]
    public double PredictorMaxGradNorm { get; init; } = 1;

    [Setting("steps", "First steps in which only the predictor learns.", Min = 0)]
    public int PredictorWarmup { get; init; }
}
