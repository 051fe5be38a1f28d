using static TorchSharp.torch;

namespace TorchSharp.Tests.Tensors;

public class ScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_created_in_it()
    {
        Tensor inner, kept;
        using (DisposeScope scope = NewDisposeScope())
        {
            inner = ones(2);
            kept = inner + 1;
            scope.Detach(kept);
            Assert.Equal(1, scope.DisposablesCount);
        }

        Assert.True(inner.IsInvalid);
        Assert.False(kept.IsInvalid);
        kept.Dispose();
    }

    [Fact]
    public void A_moved_tensor_lives_until_the_outer_scope_ends()
    {
        Tensor t;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
                t = ones(2).MoveToOuterDisposeScope();
            Assert.False(t.IsInvalid);
        }

        Assert.True(t.IsInvalid);
    }

    [Fact]
    public void Temporary_tensors_of_composite_operations_are_not_left_in_the_scope()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(4, 5).requires_grad_();
        int before = scope.DisposablesCount;
        _ = x.var(1, keepdim: true);
        _ = x.logsumexp(0);
        _ = x[TensorIndex.Tensor(tensor([1L, 2L])), TensorIndex.Slice(0, 2)];
        Assert.Equal(before + 4, scope.DisposablesCount);
    }

    [Fact]
    public void Scopes_closed_out_of_order_release_their_own_tensors_only()
    {
        DisposeScope outer = NewDisposeScope();
        Tensor a = ones(1);
        DisposeScope inner = NewDisposeScope();
        Tensor b = ones(1);
        outer.Dispose();
        Assert.True(a.IsInvalid);
        Assert.False(b.IsInvalid);
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.True(b.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Statistics_count_creation_and_disposal()
    {
        ThreadDisposeScopeStatistics s = DisposeScopeManager.Statistics;
        (long made, long gone, long detached) = (s.CreatedInScopeCount, s.DisposedInScopeCount, s.DetachedFromScopeCount);
        Tensor c;
        using (NewDisposeScope())
        {
            ones(1);
            ones(1).Dispose();
            c = ones(1).DetachFromDisposeScope();
        }

        Assert.Equal(made + 3, s.CreatedInScopeCount);
        Assert.Equal(gone + 2, s.DisposedInScopeCount);
        Assert.Equal(detached + 1, s.DetachedFromScopeCount);
        c.Dispose();
    }

    [Fact]
    public void A_wrapped_expression_keeps_its_result_only()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor r = WrappedTensorDisposeScope(() => ones(2) + ones(2) * 3);
        Assert.Equal(1, scope.DisposablesCount);
        Assert.Equal(4f, r[0].ToSingle());
    }
}
