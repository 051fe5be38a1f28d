using System.Runtime.Intrinsics;

namespace Reasoning.Models;

/// <summary>The arithmetic of <see cref="ZeroSiamHead"/> on the logits of one row of each branch.</summary>
internal static unsafe class ZeroSiamRows
{
    /// <summary>All that is measured of one row.</summary>
    internal readonly record struct Row(
        float Entropy, float Divergence, float OnlineSum, float TargetSum, float ForwardKl, float TargetEntropy, float TargetNorm, long TargetTop);

    /// <summary>Measures a row: <paramref name="online"/> and <paramref name="target"/> logits, which are multiplied by <paramref name="inverse"/>.</summary>
    internal static Row Measure(float* online, float* target, float inverse, int vocab)
    {
        float norm = MathF.Sqrt(Simd.Dot(target, target, vocab)), max = Simd.Max(target, vocab);
        long top = new ReadOnlySpan<float>(target, vocab).IndexOf(max);
        float targetSum = LogSum(target, max, inverse, vocab), onlineSum = LogSum(online, Simd.Max(online, vocab), inverse, vocab);
        (float entropy, float targetEntropy, float forwardKl, float divergence) = Compare(online, target, inverse, onlineSum, targetSum, vocab);
        return new Row(entropy, divergence, onlineSum, targetSum, forwardKl, targetEntropy, norm, top);
    }

    private static float LogSum(float* logits, float max, float inverse, int vocab)
    {
        Vector256<float> inverses = Vector256.Create(inverse), maxima = Vector256.Create(max), sums = default;
        int i = 0;
        for (; i <= vocab - Simd.Lanes; i += Simd.Lanes)
            sums += Simd.Exp((Vector256.Load(logits + i) - maxima) * inverses);
        float sum = Vector256.Sum(sums);
        for (; i < vocab; i++)
            sum += MathF.Exp((logits[i] - max) * inverse);
        return (max * inverse) + MathF.Log(sum);
    }

    /// <summary>
    /// Both entropies, KL(p_o‖p_r) and the symmetric sum. Sums run over log-probabilities, which are exactly equal where the branches
    /// are, so the divergence of equal branches is exactly zero.
    /// </summary>
    private static (float Entropy, float TargetEntropy, float ForwardKl, float Divergence) Compare(
        float* zo, float* zr, float inverse, float onlineSum, float targetSum, int vocab)
    {
        Vector256<float> inverses = Vector256.Create(inverse), sumsO = Vector256.Create(onlineSum), sumsR = Vector256.Create(targetSum);
        Vector256<float> entropies = default, targetEntropies = default, forward = default, symmetric = default;
        int i = 0;
        for (; i <= vocab - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> logp = (Vector256.Load(zo + i) * inverses) - sumsO, logr = (Vector256.Load(zr + i) * inverses) - sumsR;
            Vector256<float> p = Simd.Exp(logp), r = Simd.Exp(logr), gap = logp - logr;
            entropies -= p * logp;
            targetEntropies -= r * logr;
            forward += p * gap;
            symmetric += (p - r) * gap;
        }

        float entropy = Vector256.Sum(entropies), targetEntropy = Vector256.Sum(targetEntropies);
        float forwardKl = Vector256.Sum(forward), divergence = Vector256.Sum(symmetric);
        for (; i < vocab; i++)
        {
            float logp = (zo[i] * inverse) - onlineSum, logr = (zr[i] * inverse) - targetSum;
            float p = MathF.Exp(logp), r = MathF.Exp(logr), gap = logp - logr;
            entropy -= p * logp;
            targetEntropy -= r * logr;
            forwardKl += p * gap;
            divergence += (p - r) * gap;
        }

        return (entropy, targetEntropy, forwardKl, divergence);
    }

    /// <summary>Replaces online logits by gd ((p_o − p_r) + p_o (log p_o − log p_r − KL)) − gh p_o (log p_o + H).</summary>
    internal static void Differentiate(
        float* zo, float* zr, float inverse, float onlineSum, float targetSum, float entropy, float forwardKl, float gh, float gd, int vocab)
    {
        Vector256<float> inverses = Vector256.Create(inverse), sumsO = Vector256.Create(onlineSum), sumsR = Vector256.Create(targetSum);
        Vector256<float> entropies = Vector256.Create(entropy), kls = Vector256.Create(forwardKl);
        Vector256<float> ghs = Vector256.Create(gh), gds = Vector256.Create(gd);
        int i = 0;
        for (; i <= vocab - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> logp = (Vector256.Load(zo + i) * inverses) - sumsO, logr = (Vector256.Load(zr + i) * inverses) - sumsR;
            Vector256<float> p = Simd.Exp(logp), r = Simd.Exp(logr);
            Vector256<float> align = p - r + (p * (logp - logr - kls));
            ((gds * align) - (ghs * p * (logp + entropies))).Store(zo + i);
        }

        for (; i < vocab; i++)
        {
            float logp = (zo[i] * inverse) - onlineSum, logr = (zr[i] * inverse) - targetSum;
            float p = MathF.Exp(logp), r = MathF.Exp(logr);
            float align = p - r + (p * (logp - logr - forwardKl));
            zo[i] = (gd * align) - (gh * p * (logp + entropy));
        }
    }
}
