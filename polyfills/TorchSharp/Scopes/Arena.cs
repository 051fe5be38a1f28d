using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Owner of the intermediate tensors of one composite operation or one backward step: what is not taken out with
/// <see cref="Keep"/> is released at the end. Invisible to dispose scopes and counters.
/// </summary>
internal readonly struct Arena : IDisposable
{
    [ThreadStatic]
    private static List<Tensor>? t_tensors;

    [ThreadStatic]
    private static int t_start;

    [ThreadStatic]
    private static bool t_active;

    private readonly int _outerStart;
    private readonly bool _outerActive;

    private Arena(int outerStart, bool outerActive)
    {
        _outerStart = outerStart;
        _outerActive = outerActive;
    }

    internal static bool IsActive => t_active;

    internal static Arena Open()
    {
        t_tensors ??= new List<Tensor>(64);
        var arena = new Arena(t_start, t_active);
        t_start = t_tensors.Count;
        t_active = true;
        return arena;
    }

    /// <summary>Until disposed, new tensors belong to the caller's dispose scope again.</summary>
    internal static Arena Suspend()
    {
        t_tensors ??= new List<Tensor>(64);
        var arena = new Arena(t_start, t_active);
        t_start = t_tensors.Count;
        t_active = false;
        return arena;
    }

    internal static void Add(Tensor tensor) => t_tensors!.Add(tensor);

    /// <summary>Hands a tensor of this arena to whatever surrounds it: an outer arena or the dispose scope.</summary>
    internal Tensor Keep(Tensor tensor)
    {
        Remove(tensor);
        if (_outerActive)
            t_tensors!.Insert(t_start++, tensor);
        else
            tensor.Register();
        return tensor;
    }

    /// <summary>Takes a tensor out; the caller disposes it.</summary>
    internal static Tensor Remove(Tensor tensor)
    {
        List<Tensor> tensors = t_tensors!;
        for (int i = tensors.Count - 1; i >= t_start; i--)
        {
            if (ReferenceEquals(tensors[i], tensor))
            {
                tensors.RemoveAt(i);
                return tensor;
            }
        }

        throw new InvalidOperationException("The tensor does not belong to the current arena.");
    }

    internal static bool Owns(Tensor tensor)
    {
        List<Tensor> tensors = t_tensors!;
        for (int i = tensors.Count - 1; i >= t_start; i--)
        {
            if (ReferenceEquals(tensors[i], tensor))
                return true;
        }

        return false;
    }

    public void Dispose()
    {
        List<Tensor> tensors = t_tensors!;
        for (int i = tensors.Count - 1; i >= t_start; i--)
            tensors[i].Dispose();
        tensors.RemoveRange(t_start, tensors.Count - t_start);
        t_start = _outerStart;
        t_active = _outerActive;
    }
}
