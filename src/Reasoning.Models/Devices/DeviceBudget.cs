using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>
/// How much of a device's memory may hold what can be cut smaller: a chunk of logits, the cache of running sequences. It belongs to a model,
/// known by the weight of its output head, and is gone with it.
/// </summary>
/// <param name="HeadElements">Logits of one chunk of the output head; about four such tensors exist at once (512 MB each in float32).</param>
/// <param name="CacheBytes">Keys and values of all running sequences.</param>
internal sealed record DeviceBudget(long HeadElements, long CacheBytes)
{
    private static readonly DeviceBudget s_unfitted = new(1L << 27, 4L << 30);
    private static readonly ConditionalWeakTable<Tensor, DeviceBudget> s_fitted = [];

    /// <summary>The budget of a model.</summary>
    internal static DeviceBudget Of(Tensor headWeight) => s_fitted.TryGetValue(headWeight, out DeviceBudget? fitted) ? fitted : s_unfitted;

    /// <summary>Sizes both by what is free once the model is there: an eighth for the head, a quarter for the cache.</summary>
    internal static void Fit(Tensor headWeight, long freeBytes) => s_fitted.AddOrUpdate(
        headWeight, new DeviceBudget(Math.Max(1L << 22, freeBytes / 8 / (4 * sizeof(float))), Math.Max(64L << 20, freeBytes / 4)));
}
