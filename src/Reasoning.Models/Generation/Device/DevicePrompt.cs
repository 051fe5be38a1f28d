using static TorchSharp.torch;

namespace Reasoning.Models;

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
