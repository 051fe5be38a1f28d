using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalizes the last dimensions to mean 0 and variance 1, then scales and shifts them.</summary>
public sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    internal LayerNorm(long[] normalizedShape, double eps, bool elementwiseAffine, bool bias, Device? device, ScalarType? dtype)
        : base(nameof(LayerNorm))
    {
        normalized_shape = normalizedShape;
        this.eps = eps;
        elementwise_affine = elementwiseAffine;
        if (!elementwiseAffine)
            return;
        weight = new Parameter(ones(normalizedShape, dtype, device));
        if (bias)
            this.bias = new Parameter(zeros(normalizedShape, dtype, device));
    }

    public long[] normalized_shape { get; set; }

    public double eps { get; set; }

    public bool elementwise_affine { get; set; }

    /// <summary>Setting it disposes the former weight and takes the new one out of its dispose scope.</summary>
    public Parameter weight
    {
        get => _weight!;
        set => Replace(ref _weight, nameof(weight), value);
    }

    /// <summary>Setting it disposes the former bias; null removes it.</summary>
    public Parameter? bias
    {
        get => _bias;
        set => Replace(ref _bias, nameof(bias), value);
    }

    public override Tensor forward(Tensor tensor) => nn.functional.layer_norm(tensor, normalized_shape, _weight, _bias, eps);

    /// <summary>Sets the weight to one and the bias to zero.</summary>
    public void reset_parameters()
    {
        if (_weight is not null)
            nn.init.ones_(_weight);
        if (_bias is not null)
            nn.init.zeros_(_bias);
    }

    /// <summary>The properties register themselves; the fields behind them must not.</summary>
    protected override void RegisterComponents()
    {
    }
}
