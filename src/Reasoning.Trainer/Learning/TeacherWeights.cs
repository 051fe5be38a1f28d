using Reasoning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// What learns, once more: an exponential average of itself, in float32, since a narrower type rounds small rates away. The rest of the model
/// is shared. The average of two adapters' factors is not the average of their products.
/// </summary>
internal sealed class TeacherWeights : IDisposable
{
    private readonly (string Name, Parameter Parameter)[] _learning;
    private readonly Tensor[] _values;

    /// <param name="learning">What the optimizer moves; the teacher begins with its values.</param>
    public TeacherWeights(IReadOnlyList<(string Name, Parameter Parameter)> learning)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _learning = [.. learning];
        _values = [.. learning.Select(pair => pair.Parameter.detach().to(ScalarType.Float32).clone().DetachFromDisposeScope())];
        Tensors = [.. learning.Zip(_values, (pair, values) => ($"teacher.{pair.Name}", values))];
    }

    /// <summary>For checkpoints; filled in place.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Tensors { get; }

    /// <summary>Takes other values.</summary>
    public void Become(IEnumerable<Tensor> values) => Copy(values, _values);

    /// <summary>θ' ← memory θ' + (1 − memory) θ</summary>
    public void Follow(double memory)
    {
        using IDisposable noGradient = no_grad();
        using Scalar kept = memory;
        foreach ((Tensor teacher, (_, Parameter parameter)) in _values.Zip(_learning))
            teacher.mul_(kept).AddInPlace(parameter, 1 - memory).DetachFromDisposeScope();
    }

    /// <summary>Puts the teacher into the model while some work lasts; afterwards the model is what it was, bit for bit.</summary>
    public void StandIn(Learner learner, Action work)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Parameter[] learning = [.. _learning.Select(pair => pair.Parameter)];
        Tensor[] before = [.. learning.Select(parameter => parameter.detach().clone())];
        try
        {
            Copy(_values, learning);
            learner.Publish();
            work();
        }
        finally
        {
            Copy(before, learning);
            learner.Publish();
        }
    }

    public void Dispose()
    {
        foreach (Tensor values in _values) values.Dispose();
    }

    private static void Copy(IEnumerable<Tensor> from, IEnumerable<Tensor> to)
    {
        using IDisposable noGradient = no_grad();
        foreach ((Tensor values, Tensor place) in from.Zip(to)) place.copy_(values).DetachFromDisposeScope();
    }
}
