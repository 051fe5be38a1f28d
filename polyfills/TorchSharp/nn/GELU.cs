using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x · Φ(x), Φ the standard normal distribution function, exactly or by its tanh approximation.</summary>
public sealed class GELU : ParameterLessModule<Tensor, Tensor>
{
    internal GELU(bool inplace, Approximate approximate = Approximate.none)
        : base(nameof(GELU)) => (this.inplace, this.approximate) = (inplace, approximate);

    public enum Approximate
    {
        none,
        tanh,
    }

    public bool inplace { get; set; }

    public Approximate approximate { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, approximate, inplace);
}
