using static TorchSharp.torch;

namespace TorchSharp.Tests.Surface;

/// <summary>A type for the tests of the surface comparison itself.</summary>
public class Sample
{
    protected Sample(IEnumerable<(string name, Tensor value)> items) => rate = items.Count();

    public double rate { get; set; }

    public static Tensor scale(Tensor input, double factor = 0.5) => input * factor;

    public (Tensor values, Tensor indices) split(long[]? at = null, (int, int)? range = null)
        => throw new NotSupportedException($"{at} {range}");

    public virtual void run() => rate++;
}
