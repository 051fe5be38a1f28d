using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Reasoning.Models.Generation;

/// <summary>
/// EM-INF (Agarwal et al. 2025, arXiv:2505.15134, section 3.3): before a token is drawn, its logits are moved to a distribution of lower
/// entropy. No weight changes.
/// <code>
/// repeat: stop where H(softmax z) &lt; δ;  z ← Adam step on z of  H(p) + λ KL(p_model‖p),  p = softmax z
/// ∂H/∂z_v = − p_v (log p_v + H)        ∂KL/∂z_v = p_v − p_model,v
/// </code>
/// Adam is fresh for every token (0.9, 0.999, 1e-8), so that a first step moves each logit by the rate: up where log p &gt; −H, else down. The
/// most probable token stays the most probable, so greedy decoding needs nothing of this and is left alone; a token whose entropy is below δ
/// keeps its logits bit for bit. Temperature, top-k and top-p come after it, and recorded log-probabilities are of what was drawn from.
/// Deviations: the released code sums the loss over a batch and stops all rows together, so that a token depends on its neighbours, and
/// raises probabilities to at least 1e-9; here every row is on its own, and nothing is raised.
/// </summary>
public sealed record EntropyMinimization
{
    private const float Beta1 = 0.9f, Beta2 = 0.999f, Epsilon = 1e-8f;

    /// <summary>Most Adam steps for a token, at least 1.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>Learning rate of the logits.</summary>
    public double Rate { get; init; } = 0.1;

    /// <summary>δ, in nats: below it nothing is done. 0.3 nats are 1.35 equally probable tokens.</summary>
    public double Threshold { get; init; } = 0.3;

    /// <summary>λ, the weight of the divergence from the model's own distribution; the paper has none.</summary>
    public double KlWeight { get; init; }

    /// <summary>One line for people.</summary>
    public string Describe()
    {
        string kl = KlWeight > 0 ? FormattableString.Invariant($", KL weight {KlWeight}") : "";
        return FormattableString.Invariant($"EM-INF up to {Steps} steps of {Rate} while the entropy is {Threshold} nats or more{kl}");
    }

    /// <exception cref="UserErrorException">A value is out of range.</exception>
    internal void Check()
    {
        if (Steps < 1) throw Bad("em-steps", Steps, "at least 1");
        if (!(Rate > 0) || !double.IsFinite(Rate)) throw Bad("em-rate", Rate, "a positive number");
        if (!(Threshold >= 0) || !double.IsFinite(Threshold)) throw Bad("em-threshold", Threshold, "0 or a positive number of nats");
        if (!(KlWeight >= 0) || !double.IsFinite(KlWeight)) throw Bad("em-kl", KlWeight, "0 or a positive number");
    }

    /// <summary>Entropy in nats of softmax(logits).</summary>
    internal static double Entropy(ReadOnlySpan<float> logits)
    {
        float[] weights = new float[logits.Length];
        return Entropy(logits, weights, out _, out _);
    }

    /// <summary>Moves a row of logits.</summary>
    /// <param name="logits">[vocab], those of the model; the largest is finite.</param>
    /// <param name="moved">[vocab] gets the result.</param>
    /// <returns>Whether anything was moved; else <paramref name="moved"/> is a copy.</returns>
    internal bool Apply(ReadOnlySpan<float> logits, Span<float> moved)
    {
        logits.CopyTo(moved);
        float[] p = new float[logits.Length], first = [], second = [], own = [];
        double decay1 = 1, decay2 = 1;
        for (int step = 0; step < Steps; step++)
        {
            double entropy = Entropy(moved, p, out double total, out float max);
            if (!(entropy >= Threshold)) return step > 0;
            if (step == 0)
            {
                (first, second) = (new float[p.Length], new float[p.Length]);
                if (KlWeight > 0) own = [.. p.Select(weight => (float)(weight / total))];
            }

            (decay1, decay2) = (decay1 * Beta1, decay2 * Beta2);
            float h = (float)entropy, logTotal = (float)Math.Log(total), inverse = (float)(1 / total);
            float size = (float)(Rate / (1 - decay1)), root = (float)Math.Sqrt(1 - decay2), kl = (float)KlWeight;
            for (int v = 0; v < p.Length; v++)
            {
                float share = p[v] * inverse;
                float g = share == 0 ? 0 : -share * (moved[v] - max - logTotal + h); // a logit of −∞ stays
                if (own.Length > 0) g += kl * (share - own[v]);
                first[v] = (Beta1 * first[v]) + ((1 - Beta1) * g);
                second[v] = (Beta2 * second[v]) + ((1 - Beta2) * g * g);
                moved[v] -= size * first[v] / ((MathF.Sqrt(second[v]) / root) + Epsilon);
            }
        }

        return true;
    }

    /// <summary>Twin of the other for rows on a device, with the same stop for each row on its own; owned by the caller's scope.</summary>
    /// <param name="logits">[rows, vocab] float32</param>
    internal Tensor Apply(Tensor logits)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor z = logits, first = zeros_like(logits), second = zeros_like(logits); // [rows, vocab], as all below
        using Scalar zero = 0, threshold = Threshold;
        Tensor? own = KlWeight > 0 ? nn.functional.softmax(logits, 1) : null;
        for (int step = 1; step <= Steps; step++)
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor logP = nn.functional.log_softmax(z, 1), p = logP.exp();
            Tensor terms = where(p.eq(zero), zeros_like(p), p * logP);
            Tensor entropy = terms.sum(1, keepdim: true).neg(); // [rows, 1]; where it is below δ once, z stays, and so does it
            Tensor g = terms.Plus(p * entropy).neg();
            if (own is not null) g = g.Plus((p - own).Times(KlWeight));
            first = first.Times(Beta1).Plus(g.Times(1 - Beta1));
            second = second.Times(Beta2).Plus((g * g).Times(1 - Beta2));
            Tensor size = second.sqrt().DividedBy(Math.Sqrt(1 - Math.Pow(Beta2, step))).Plus(Epsilon);
            Tensor moved = z - (first.Times(Rate / (1 - Math.Pow(Beta1, step))) / size);
            z = where(entropy.ge(threshold), moved, z);
            inner.MoveToOuter(z, first, second);
        }

        return z.MoveToOuterDisposeScope();
    }

    /// <summary>weights = exp(logits − max), their sum, and the entropy; sums run in order, so that they depend on the logits alone.</summary>
    private static double Entropy(ReadOnlySpan<float> logits, Span<float> weights, out double total, out float max)
    {
        max = TensorPrimitives.Max(logits);
        TensorPrimitives.Subtract(logits, max, weights);
        TensorPrimitives.Exp(weights, weights);
        total = 0;
        double sum = 0; // of p (z − max), before division
        for (int v = 0; v < logits.Length; v++)
        {
            if (weights[v] == 0) continue;
            total += weights[v];
            sum += weights[v] * (double)(logits[v] - max);
        }

        return Math.Log(total) - (sum / total);
    }

    private static UserErrorException Bad(string option, object value, string allowed) =>
        new(FormattableString.Invariant($"{option} is {value}; it must be {allowed}."));
}
