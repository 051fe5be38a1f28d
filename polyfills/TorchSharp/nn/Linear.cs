using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>y = x·Wᵀ + b, with W of shape [out_features, in_features].</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    private Parameter? _weight;
    private Parameter? _bias;

    internal Linear(Parameter weight, Parameter? bias)
        : base(nameof(Linear))
    {
        in_features = weight.shape[1];
        out_features = weight.shape[0];
        this.weight = weight;
        this.bias = bias;
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

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

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, weight, bias);

    /// <summary>The properties register themselves; the fields behind them must not.</summary>
    protected override void RegisterComponents()
    {
    }
}
