using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Where the sequences of a packed batch begin and end; its tokens attend within their sequence. Keeps what attention by tensor operations
/// needs to know of it on its device, made once for all layers of a forward pass.
/// </summary>
/// <param name="offsets">Sequence s is the rows offsets[s] … offsets[s + 1] − 1; the last offset is the number of tokens.</param>
internal sealed class SequenceLayout(int[] offsets) : IAttentionCache, IDisposable
{
    private readonly Dictionary<int, Tensor> _masks = [];
    private (Tensor Fill, Tensor Take)? _places;

    internal int[] Offsets => offsets;

    internal int Count => offsets.Length - 1;

    internal int Tokens => offsets[^1];

    /// <summary>Tokens of the longest sequence.</summary>
    internal int Longest { get; } = Enumerable.Range(1, offsets.Length - 1).Max(s => offsets[s] - offsets[s - 1]);

    /// <summary>Whether all sequences are of one length, so that the batch is a rectangle as it lies.</summary>
    internal bool IsRectangle => (long)Count * Longest == Tokens;

    /// <summary>
    /// [Count · Longest] int64, the row for each place of the rectangle, the first row where a short sequence leaves a hole;
    /// and [tokens] int64, the place of each row. A hole lies behind its sequence, where nothing that comes before can see it.
    /// </summary>
    internal (Tensor Fill, Tensor Take) Places(Device device)
    {
        if (_places is { } known)
            return known;
        var fill = new long[Count * Longest];
        var take = new long[Tokens];
        for (int s = 0; s < Count; s++)
        {
            for (int row = offsets[s]; row < offsets[s + 1]; row++)
            {
                take[row] = ((long)s * Longest) + row - offsets[s];
                fill[take[row]] = row;
            }
        }

        _places = (tensor(fill, device: device).DetachFromDisposeScope(), tensor(take, device: device).DetachFromDisposeScope());
        return _places.Value;
    }

    /// <summary>[Longest, Longest] bool, true where a query may look: at itself and the <paramref name="window"/> − 1 tokens before.</summary>
    internal Tensor Mask(int window, Device device)
    {
        if (_masks.TryGetValue(window, out Tensor? known))
            return known;
        using DisposeScope scope = NewDisposeScope();
        Tensor near = ones(Longest, Longest, dtype: ScalarType.Bool, device: device).tril(0).triu(1 - window);
        return _masks[window] = near.DetachFromDisposeScope();
    }

    public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, int? window, double scale) =>
        CausalAttention.Apply(query, key, value, this, window, scale);

    public void Dispose()
    {
        foreach (Tensor mask in _masks.Values) mask.Dispose();
        _places?.Fill.Dispose();
        _places?.Take.Dispose();
    }
}
