using TorchSharp;
using Xunit.v3;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests;

/// <summary>What the other tests rely on to see that they leave no tensors.</summary>
public sealed class LeaksNoTensorsTests
{
    private readonly LeaksNoTensorsAttribute _count = new();

    [Fact]
    public void Tensors_that_are_left_are_seen_and_those_of_a_scope_are_not()
    {
        var test = (IXunitTest)TestContext.Current.Test!;
        Tensor? left = null;
        Assert.NotNull(Record.Exception(() => Count(() => left = zeros(2))));
        Assert.NotNull(Record.Exception(() => Count(left!.Dispose)));
        Count(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            left = zeros(2).Plus(1);
        });
        Count(() =>
        {
            using (DisposeScope scope = NewDisposeScope()) left = zeros(2).MoveToOuterDisposeScope();
            left.Dispose();
        });
        Count(() => new TorchSharp.Modules.Parameter(zeros(2)).Dispose());

        void Count(Action action)
        {
            _count.Before(null!, test);
            action();
            _count.After(null!, test);
        }
    }
}
