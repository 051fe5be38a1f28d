using Reasoning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Float32 copies of parameters that the model holds in 16 bits. Gradients are summed, clipped and applied here; a small update that the
/// model's own type would round away adds up until it counts (Micikevicius et al. 2018, arXiv:1710.03740, section 3.1).
/// </summary>
internal sealed class MasterWeights : IDisposable
{
    private readonly Parameter[] _working;

    public MasterWeights(IReadOnlyList<(string Name, Parameter Parameter)> working)
    {
        using IDisposable noGradient = no_grad();
        _working = [.. working.Select(pair => pair.Parameter)];
        Masters = [.. working.Select(pair => (pair.Name, Copy(pair.Parameter)))];
    }

    /// <summary>The copies, under the names and in the order of the model's own.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Masters { get; }

    /// <summary>Adds the model's gradients to those of the copies and forgets them; after every backward pass.</summary>
    public void GatherGradients()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < _working.Length; i++)
        {
            if (_working[i].grad is not { } gradient) continue;
            Parameter master = Masters[i].Parameter;
            if (master.grad is { } sum) sum.AddInPlace(gradient.to(ScalarType.Float32));
            else master.grad = gradient.to(ScalarType.Float32);
            _working[i].grad = null;
        }
    }

    /// <summary>Rounds the copies into the model; after every update.</summary>
    public void Publish()
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < _working.Length; i++) _working[i].copy_(Masters[i].Parameter).DetachFromDisposeScope();
    }

    public void Dispose()
    {
        foreach ((_, Parameter master) in Masters) master.Dispose();
    }

    private static Parameter Copy(Parameter working)
    {
        using Tensor values = working.detach();
        var master = new Parameter(values.to(ScalarType.Float32), requires_grad: true);
        master.DetachFromDisposeScope();
        return master;
    }
}
