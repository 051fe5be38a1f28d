namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Whether operations on this tensor are recorded.</summary>
        public bool requires_grad
        {
            get => Impl.RequiresGrad;
            set
            {
                if (value && !torch.is_floating_point(dtype))
                    Errors.Throw($"requires_grad: only floating point tensors have gradients, not {dtype}.");
                if (Impl.GradFunction is null)
                    Impl.RequiresGradLeaf = value;
                else if (!value)
                    Errors.Throw("requires_grad: can be turned off on leaves only; use detach().");
            }
        }

        /// <summary>Whether the tensor was made by the caller rather than by a recorded operation.</summary>
        public bool is_leaf => Impl.GradFunction is null;

        /// <summary>The gradient collected so far; each read gives a new handle to it.</summary>
        public Tensor? grad
        {
            get => Impl.Grad is { } grad ? new Tensor(grad.Hold()) : null;
            set
            {
                if (value is not null && !value.Impl.Sizes.AsSpan().SequenceEqual(Impl.Sizes))
                    Errors.Throw($"grad: shape {Errors.Text(value.Impl.Sizes)} does not fit the tensor's {Errors.Text(Impl.Sizes)}.");
                if (value is not null && value.dtype != dtype)
                    Errors.Throw($"grad: type {value.dtype} does not fit the tensor's {dtype}.");
                Impl.SetGrad(value?.Impl.Hold());
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        /// <summary>Keeps the gradient of a tensor that is not a leaf.</summary>
        public void retain_grad()
        {
            if (!Impl.RequiresGrad)
                Errors.Throw("retain_grad: the tensor does not require a gradient.");
            if (Impl.GradFunction is not { } function || Impl.RetainsGrad)
                return;
            Impl.RetainsGrad = true;
            (function.Retained ??= []).Add((Impl.OutputNumber, new WeakReference<TensorImpl>(Impl)));
        }

        public void backward() => autograd.backward([this]);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward([this], grad_tensors!, retain_graph, create_graph, inputs!);

        /// <summary>The same memory, outside of the graph.</summary>
        public Tensor detach()
        {
            TensorImpl impl = Impl;
            TensorImpl detached = impl.View(impl.Sizes, impl.Strides, impl.Offset);
            detached.IsView = false;
            return new Tensor(detached);
        }

        public Tensor detach_()
        {
            Impl.SetFunction(null, 0);
            Impl.RequiresGradLeaf = false;
            return this;
        }
    }
}
