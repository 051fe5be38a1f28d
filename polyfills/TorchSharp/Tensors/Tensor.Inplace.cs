namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>
        /// Modifies this tensor in place. Not recorded: <paramref name="direct"/> works on the memory. Recorded: the result of
        /// the plain operation on a copy is copied back, and its place in the graph becomes that of this tensor.
        /// </summary>
        private Tensor InPlace<TState>(string call, bool records, TState state, Func<Tensor, TState, Tensor> plain, Action<Tensor, TState> direct)
        {
            TensorImpl impl = Impl;
            if (GradMode.IsEnabled && impl.RequiresGradLeaf)
                Errors.Throw($"{call}: a leaf that requires a gradient cannot be modified in place outside of no_grad.");
            if (!GradMode.IsEnabled || !(records || impl.RequiresGrad))
            {
                direct(this, state);
                impl.Storage.BumpVersion();
                return this;
            }

            if (impl.ViewBase is not null || (impl.IsView && !impl.RequiresGrad && records))
            {
                throw new NotSupportedException(
                    $"{call}: recording an in-place change of a view is not part of the embedded backend; build the result with cat, where or index_copy.");
            }

            using Arena arena = Arena.Open();
            Tensor original = Copies.Clone(this, contiguous: false);
            original.Impl.SetFunction(impl.GradFunction, impl.OutputNumber);
            Tensor result = plain(original, state);
            if (!result.Impl.Sizes.AsSpan().SequenceEqual(impl.Sizes))
                Errors.Throw($"{call}: the result has shape {Errors.Text(result.Impl.Sizes)}, which does not fit in place of {Errors.Text(impl.Sizes)}.");
            if (result.dtype != dtype)
                result = result.to_type(dtype);
            Copies.Into(impl, result.Impl);
            impl.Storage.BumpVersion();
            (result.Impl.GradFunction as OpNode)?.FollowInPlace(result.Impl, impl);
            impl.SetFunction(result.Impl.GradFunction, result.Impl.OutputNumber);
            return this;
        }

        /// <summary>The common case of <see cref="InPlace{TState}"/>: the direct way computes the result and copies it back.</summary>
        private Tensor InPlace(string call, Func<Tensor, Tensor> plain) =>
            InPlace(
                call,
                false,
                plain,
                static (t, f) => f(t),
                static (t, f) =>
                {
                    using Arena arena = Arena.Open();
                    t.Overwrite("in-place", f(t));
                });

        private Tensor InPlaceWith(string call, Tensor other, Func<Tensor, Tensor, Tensor> plain) => InPlace(
            call,
            other.Impl.RequiresGrad,
            (other, plain),
            static (t, s) => s.plain(t, s.other),
            static (t, s) =>
            {
                using Arena arena = Arena.Open();
                t.Overwrite("in-place", s.plain(t, s.other));
            });

        /// <summary>Copies a result of the same shape over this tensor's memory, converting the type within its category.</summary>
        private void Overwrite(string call, Tensor result)
        {
            if (!result.Impl.Sizes.AsSpan().SequenceEqual(Impl.Sizes))
                Errors.Throw($"{call}: the result has shape {Errors.Text(result.Impl.Sizes)}, which does not fit in place of {Errors.Text(Impl.Sizes)}.");
            if (DTypes.Category(result.dtype) > DTypes.Category(dtype))
                Errors.Throw($"{call}: a result of type {result.dtype} cannot be stored in a tensor of type {dtype}.");
            Copies.Into(Impl, result.Impl);
        }
    }
}
