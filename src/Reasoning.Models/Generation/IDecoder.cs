using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Runs tokens through the model with a cache of keys and values. <see cref="FusedDecoder"/> computes on raw float32 in main memory,
/// <see cref="CompositeDecoder"/> with plain tensor operations on any device; tests hold the two equal.
/// </summary>
internal interface IDecoder : IDisposable
{
    /// <summary>
    /// Stores keys and values of every row in its block, lets each row attend to all positions of its sequence up to its own, and
    /// hands the logits of the rows named in <paramref name="outputs"/> to <paramref name="consume"/>, some rows at a time.
    /// </summary>
    /// <param name="rows">The rows; earlier positions of their sequences are in the cache or among the rows.</param>
    /// <param name="outputs">Row numbers whose logits are wanted.</param>
    /// <param name="consume">Called on the calling thread; the tensor is valid during the call only.</param>
    void Run(DecodeRows rows, int[] outputs, LogitsConsumer consume);

    /// <summary>Makes room for <paramref name="blocks"/> cache blocks; contents stay.</summary>
    void Reserve(int blocks);

    /// <summary>Copies keys and values of all layers from one block to another.</summary>
    void CopyBlock(int from, int to);
}

/// <summary>Takes the logits of outputs <paramref name="first"/>, <paramref name="first"/> + 1, …: contiguous float32 on the CPU, [count, vocab].</summary>
internal delegate void LogitsConsumer(int first, Tensor logits);
