using Reasoning.Models.SafeTensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Tensors of any size, type and device to and from safetensors files, piece by piece: bfloat16 as such, every other type in float32.
/// </summary>
public static class TensorFiles
{
    private const int PieceElements = 1 << 22;

    /// <summary>A tensor as it is when the file is written. It must be contiguous.</summary>
    public static SafeTensorSource Source(string name, Tensor tensor) =>
        new(name, tensor.shape, tensor.dtype == ScalarType.BFloat16 ? SafeTensorsDType.BF16 : SafeTensorsDType.F32, (start, destination) => Copy(tensor, start, destination));

    /// <summary>Fills a contiguous tensor in place.</summary>
    /// <exception cref="UserErrorException">The file has no such tensor, or one of another shape.</exception>
    public static void Fill(Tensor tensor, SafeTensorsReader file, string name)
    {
        SafeTensorEntry entry = file.Find(name);
        if (!entry.Shape.AsSpan().SequenceEqual(tensor.shape))
        {
            throw new UserErrorException(
                $"{file.File}: {name} has the shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", tensor.shape)}]");
        }

        using IDisposable noGradient = no_grad();
        for (long start = 0; start < entry.Count; start += PieceElements)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor piece = empty(Math.Min(PieceElements, entry.Count - start), ScalarType.Float32, CPU);
            file.Read(entry, start, Parameters.Values(piece));
            Piece(tensor, start, piece.numel()).copy_(piece);
        }
    }

    /// <summary>Copies elements out of a contiguous tensor. One span cannot hold a tensor of more than 2 GiB, a piece of it can.</summary>
    internal static void Copy(Tensor tensor, long start, Span<float> destination)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Parameters.Values(Piece(tensor, start, destination.Length).to(ScalarType.Float32, CPU)).CopyTo(destination);
    }

    private static Tensor Piece(Tensor tensor, long start, long count) => tensor.view(-1).narrow(0, start, count);
}
