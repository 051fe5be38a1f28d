using System.Globalization;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Modules applied one after the other; each intermediate tensor is disposed once the next module has used it.</summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly List<(string Name, nn.IModule<Tensor, Tensor> Module)> _modules = [];

    internal Sequential()
        : base(nameof(Sequential))
    {
    }

    public int Count => _modules.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _modules[index].Module;

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        _modules.Add((name, module));
        return this;
    }

    public Sequential append(nn.IModule<Tensor, Tensor> module)
        => append(_modules.Count.ToString(CultureInfo.InvariantCulture), module);

    public override Tensor forward(Tensor tensor)
    {
        if (_modules.Count == 0)
            return tensor.alias();
        Tensor current = _modules[0].Module.call(tensor);
        for (int i = 1; i < _modules.Count; i++)
        {
            Tensor next = _modules[i].Module.call(current);
            current.Dispose();
            current = next;
        }

        return current;
    }

    public override nn.Module apply(Action<nn.Module> fn)
    {
        foreach (var (_, module) in named_children())
            module.apply(fn);
        fn(this);
        return this;
    }

    public override IEnumerable<(string name, nn.Module module)> named_children()
        => _modules.Select(static entry => (entry.Name, (nn.Module)entry.Module));

    public override IEnumerable<(string name, nn.Module module)> named_modules()
    {
        foreach (var child in named_children())
            yield return child;
        foreach (var (name, child) in named_children())
        {
            foreach (var (inner, module) in child.named_modules())
                yield return ($"{name}.{inner}", module);
        }
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
        => recurse ? Collect(static child => child.named_parameters(true)) : [];

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
        => recurse ? Collect(child => child.named_buffers(true, include_persistent)) : [];

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, child) in named_children())
            child._to(dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, child) in named_children())
            child._to(device, dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        foreach (var (_, child) in named_children())
            child._to(deviceType, deviceIndex, non_blocking);
        return this;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var (_, child) in named_children())
                child.Dispose();
        }

        base.Dispose(disposing);
    }

    private IEnumerable<(string Name, TTensor Tensor)> Collect<TTensor>(Func<nn.Module, IEnumerable<(string Name, TTensor Tensor)>> list)
        where TTensor : Tensor
    {
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var (name, child) in named_children())
        {
            foreach (var (inner, tensor) in list(child))
            {
                if (!tensor.IsInvalid && seen.Add(tensor))
                    yield return ($"{name}.{inner}", tensor);
            }
        }
    }
}
