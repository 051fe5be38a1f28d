using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A module without state: conversions skip it, and registering anything in it is an error.</summary>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>
{
    private protected ParameterLessModule(string name)
        : base(name)
    {
    }

    public override void register_buffer(string name, Tensor tensor, bool persistent = true)
        => throw new InvalidOperationException("Cannot register a buffer on a module that is declared 'parameter-less.'");

    public override void register_parameter(string name, Parameter param)
        => throw new InvalidOperationException("Cannot register a parameter on a module that is declared 'parameter-less.'");

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;
}
