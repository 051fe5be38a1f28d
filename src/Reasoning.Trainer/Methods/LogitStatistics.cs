using Reasoning.Models;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// Signs of collapse in the logits that answers are sampled from: they grow, and one token becomes the most probable everywhere. Tent and
/// ZeroSiam measure the same, so that they compare; with the length of answers (<see cref="Metrics.AnswerTokens"/>) that is what the
/// paper of ZeroSiam watches.
/// </summary>
internal sealed class LogitStatistics(CausalLM model) : IDisposable
{
    public static readonly Metric Norm = new("logit_norm", "norm", "none", "Mean Euclidean norm of the logits.");
    public static readonly Metric TopTokenShare =
        new("top_token_share", "share", "down", "Rows whose most probable token is the most frequent one.");

    /// <summary>[vocab] how often a token was the most probable one in an update.</summary>
    public Tensor Tops { get; } = zeros(model.Config.VocabSize, ScalarType.Float64, model.HeadWeight.device).DetachFromDisposeScope();

    /// <summary>Measures the first branch of some rows.</summary>
    /// <param name="rows">Their logits.</param>
    /// <param name="tokens">Takes the norms.</param>
    /// <param name="temperature">What the logits were divided by.</param>
    /// <param name="tops">[vocab] counts the most probable tokens.</param>
    public static void Measure(LogitRows rows, TokenBatch tokens, double temperature, Tensor tops)
    {
        using IDisposable noGradient = no_grad();
        Tensor logits_TV = rows.Logits().detach(); // [rows, vocab]
        tokens.Mean(Norm, rows, logits_TV.norm(1).Times(temperature));
        Tensor top = logits_TV.argmax(1);
        tops.AddRowsInPlace(top, ones_like(top, ScalarType.Float64));
    }

    /// <summary>All rows of an update have been measured.</summary>
    public void EndUpdate(Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        meter.Set(TopTokenShare, Tops.max() / Tops.sum());
        Tops.zero_();
    }

    public void Dispose() => Tops.Dispose();
}
