using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>What a prompt leaves behind for all its samples.</summary>
/// <param name="length">Its tokens.</param>
/// <param name="layers">Layers of the model.</param>
internal sealed class DevicePrompt(int length, int layers) : IDisposable
{
    internal int Length => length;

    /// <summary>Per layer [keyValueHeads, length, headDim]</summary>
    internal Tensor[] Keys { get; } = new Tensor[layers];

    /// <summary>Per layer [keyValueHeads, length, headDim]</summary>
    internal Tensor[] Values { get; } = new Tensor[layers];

    /// <summary>[vocab] float32, of the last position.</summary>
    internal Tensor? Logits { get; set; }

    public void Dispose()
    {
        foreach (Tensor tensor in Keys.Concat(Values)) tensor?.Dispose();
        Logits?.Dispose();
    }
}

/// <summary>Prompts on their way through the model: attend within themselves, and keep their keys and values.</summary>
/// <param name="batch">Their tokens.</param>
/// <param name="layers">Layers of the model.</param>
internal sealed class PromptCache(PackedSequences batch, int layers) : IAttentionCache, IDisposable
{
    private readonly Kernels.SequenceLayout _layout = new(batch.Offsets);

    /// <summary>One of each prompt; the caller's.</summary>
    internal DevicePrompt[] Prompts { get; } = [.. Enumerable.Range(0, batch.Count).Select(s => new DevicePrompt(batch.Length(s), layers))];

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, int? window, double scale)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int s = 0; s < batch.Count; s++)
        {
            Prompts[s].Keys[layer] = Kept(key, s);
            Prompts[s].Values[layer] = Kept(value, s);
        }

        return _layout.Attend(layer, query, key, value, window, scale).MoveToOuterDisposeScope();

        Tensor Kept(Tensor all, int s) =>
            all.narrow(0, batch.Offsets[s], batch.Length(s)).transpose(0, 1).contiguous().DetachFromDisposeScope();
    }

    public void Dispose() => _layout.Dispose();
}
