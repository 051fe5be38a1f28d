using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Memory about to be overwritten.</summary>
internal static unsafe class InPlace
{
    /// <summary>The elements of a contiguous tensor; graphs that saved it will notice the change.</summary>
    internal static void* Pointer(Tensor tensor)
    {
        tensor.Impl.Storage.BumpVersion();
        return tensor.Impl.Data;
    }
}
