using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>How the head functions cut rows into chunks, and what they share about one chunk of logits.</summary>
internal static class HeadChunks
{
    /// <summary>Rows of logits that exist at once are chosen so that a chunk has about this many elements (128 MB) …</summary>
    private const int TargetElements = 1 << 25;

    /// <summary>… but not fewer rows than this, else every chunk pays for streaming the whole weight through few rows …</summary>
    private const int MinRows = 64;

    /// <summary>… and not more than this, since a matrix product is at full speed well before.</summary>
    private const int MaxRows = 512;

    /// <summary>A multiple of the rows that our matrix product takes at a time.</summary>
    private const int RowStep = 12;

    /// <summary>Most rows of a chunk on a device that computes many of them as fast as a few.</summary>
    private const int MaxRowsOnDevice = 8192;

    /// <summary>The chunk length used where the caller gives none (0).</summary>
    internal static int Rows(int requested, long vocab, Device device)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(requested);
        if (requested > 0) return requested;
        return device.type == DeviceType.CPU
            ? (int)Math.Clamp(TargetElements / vocab / RowStep * RowStep, MinRows, MaxRows)
            : (int)Math.Clamp(DeviceBudget.HeadElements / vocab, MinRows, MaxRowsOnDevice);
    }

    /// <summary>Checks that there is one count for each row.</summary>
    internal static void CheckCounts(Tensor counts, long rows)
    {
        if (counts.ndim != 1 || counts.shape[0] != rows || counts.requires_grad)
            throw new ArgumentException($"Counts must be [{rows}] without a gradient, got [{string.Join(", ", counts.shape)}].");
    }

    /// <summary>Calls <paramref name="body"/>(first row, rows) for each chunk in order, each in a dispose scope of its own.</summary>
    internal static void ForEach(long rows, int chunk, Action<int, int> body)
    {
        for (int first = 0; first < rows; first += chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            body(first, (int)Math.Min(chunk, rows - first));
        }
    }

    /// <summary>The chunk's logits, in float32 or better: [rows, vocab].</summary>
    internal static Tensor Logits(Tensor hidden, Tensor weight)
    {
        Tensor logits = nn.functional.linear(hidden, weight);
        return logits.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? logits.to(ScalarType.Float32) : logits;
    }

    /// <summary>Zeros for the gradient of a parameter, in float32 or better: many chunks add up there.</summary>
    internal static Tensor Zeros(Tensor parameter) => zeros(
        parameter.shape, dtype: parameter.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32, device: parameter.device);

    /// <summary>Logits divided by the temperature, in place.</summary>
    internal static Tensor Temper(Tensor logits, double temperature) => temperature == 1 ? logits : logits.div_(temperature);

    /// <summary>Checks the shapes that both heads share and returns (rows, width, vocab).</summary>
    internal static (long Rows, long Width, long Vocab) Check(Tensor hidden, Tensor weight, double temperature)
    {
        long[] h = hidden.shape, w = weight.shape;
        if (h.Length != 2 || w.Length != 2 || h[1] != w[1])
        {
            throw new ArgumentException(
                $"The head needs hidden [n, width] and weight [vocab, width], got [{string.Join(", ", h)}] and [{string.Join(", ", w)}].");
        }

        if (!(temperature > 0) || !double.IsFinite(temperature))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature is a positive number.");
        return (h[0], h[1], w[0]);
    }
}
