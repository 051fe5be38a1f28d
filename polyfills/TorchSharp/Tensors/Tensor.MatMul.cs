namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Product of two matrices, [n, k] · [k, m].</summary>
        public Tensor mm(Tensor target)
        {
            if (ndim != 2 || target.ndim != 2)
                Errors.Throw($"mm: both operands must be matrices; shapes are {Errors.Text(Impl.Sizes)} and {Errors.Text(target.Impl.Sizes)}.");
            Products.Check(this, target, "mm", Impl.Sizes[1] == target.Impl.Sizes[0]);
            Tensor r = Products.Multiply(this, target);
            if (!Graph.Records(this, target))
                return r;
            return Graph.Record(
                r,
                "MmBackward",
                [this, target],
                [target.Impl.RequiresGrad ? this : null, Impl.RequiresGrad ? target : null],
                static (n, g) => [n.Needs(0) ? g.mm(n.Saved(1).t()) : null, n.Needs(1) ? n.Saved(0).t().mm(g) : null]);
        }

        /// <summary>Products of two batches of matrices, [b, n, k] · [b, k, m].</summary>
        public Tensor bmm(Tensor batch2)
        {
            if (ndim != 3 || batch2.ndim != 3)
                Errors.Throw($"bmm: both operands must have 3 dimensions; shapes are {Errors.Text(Impl.Sizes)} and {Errors.Text(batch2.Impl.Sizes)}.");
            Products.Check(this, batch2, "bmm", Impl.Sizes[2] == batch2.Impl.Sizes[1] && Impl.Sizes[0] == batch2.Impl.Sizes[0]);
            Tensor r = Products.MultiplyBatches(this, batch2);
            if (!Graph.Records(this, batch2))
                return r;
            return Graph.Record(
                r,
                "BmmBackward",
                [this, batch2],
                [batch2.Impl.RequiresGrad ? this : null, Impl.RequiresGrad ? batch2 : null],
                static (n, g) => [n.Needs(0) ? g.bmm(n.Saved(1).mT) : null, n.Needs(1) ? n.Saved(0).mT.bmm(g) : null]);
        }

        /// <summary>Matrix product with batch axes broadcast; vectors count as one row or column.</summary>
        public Tensor matmul(Tensor target)
        {
            long ra = ndim, rb = target.ndim;
            if (ra == 0 || rb == 0)
                Errors.Throw("matmul: both operands need at least one dimension.");
            Products.Check(this, target, "matmul", Impl.Sizes[^1] == target.Impl.Sizes[rb == 1 ? 0 : (int)rb - 2]);
            if (ra == 2 && rb == 2)
                return mm(target);
            if (ra == 1 && rb == 1)
                return dot(target);
            using Arena arena = Arena.Open();
            if (ra == 1)
                return arena.Keep(unsqueeze(0).matmul(target).squeeze(-2));
            if (rb == 1)
                return arena.Keep(matmul(target.unsqueeze(1)).squeeze(-1));
            long n = Impl.Sizes[^2], k = Impl.Sizes[^1], m = target.Impl.Sizes[^1];
            if (rb == 2)
            {
                long[] shape = [.. Impl.Sizes[..^1], m];
                return arena.Keep(reshape(Shapes.Count(Impl.Sizes.AsSpan()[..^1]), k).mm(target).reshape(shape));
            }

            long[] batch = Shapes.Broadcast(Impl.Sizes[..^2], target.Impl.Sizes[..^2], "matmul");
            long count = Shapes.Count(batch);
            Tensor a = expand([.. batch, n, k]).reshape(count, n, k);
            Tensor b = target.expand([.. batch, k, m]).reshape(count, k, m);
            return arena.Keep(a.bmm(b).reshape([.. batch, n, m]));
        }

        /// <summary>Product of a matrix and a vector.</summary>
        public Tensor mv(Tensor target)
        {
            if (ndim != 2 || target.ndim != 1)
                Errors.Throw($"mv: a matrix and a vector are needed; shapes are {Errors.Text(Impl.Sizes)} and {Errors.Text(target.Impl.Sizes)}.");
            using Arena arena = Arena.Open();
            return arena.Keep(mm(target.unsqueeze(1)).squeeze(1));
        }

        /// <summary>Scalar product of two vectors.</summary>
        public Tensor dot(Tensor target)
        {
            if (ndim != 1 || target.ndim != 1 || Impl.Count != target.Impl.Count)
            {
                throw new InvalidOperationException(
                    $"dot: two vectors of one length are needed; shapes are {Errors.Text(Impl.Sizes)} and {Errors.Text(target.Impl.Sizes)}.");
            }

            Products.Check(this, target, "dot", true);
            using Arena arena = Arena.Open();
            return arena.Keep(mul(target).sum());
        }

        public Tensor vdot(Tensor target) => dot(target);

        /// <summary>All products of the elements of two vectors.</summary>
        public Tensor outer(Tensor vec2)
        {
            if (ndim != 1 || vec2.ndim != 1)
                Errors.Throw($"outer: two vectors are needed; shapes are {Errors.Text(Impl.Sizes)} and {Errors.Text(vec2.Impl.Sizes)}.");
            using Arena arena = Arena.Open();
            return arena.Keep(unsqueeze(1).mul(vec2.unsqueeze(0)));
        }

        public Tensor ger(Tensor vec2) => outer(vec2);

        /// <summary>beta · this + alpha · mat1 · mat2.</summary>
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(Blend(mat1.mm(mat2), beta, alpha));
        }

        /// <summary>beta · this + alpha · mat · vec.</summary>
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1f, float alpha = 1f)
        {
            using Arena arena = Arena.Open();
            return arena.Keep(Blend(mat.mv(vec), beta, alpha));
        }

        private Tensor Blend(Tensor product, float beta, float alpha)
        {
            Tensor right = alpha == 1 ? product : product.mul(alpha);
            return beta == 0 ? right.add(zeros(1, dtype: dtype)) : (beta == 1 ? this : mul(beta)).add(right);
        }
    }

    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor mv(Tensor input, Tensor target) => input.mv(target);

    public static Tensor dot(Tensor input, Tensor other) => input.dot(other);

    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);

    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta, float alpha) => input.addmm(mat1, mat2, beta, alpha);
}
