namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A strided, typed, n-dimensional array that can take part in automatic differentiation. Dispose it, or create it
    /// inside a dispose scope, to return its memory at once; otherwise the finalizer does so later.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private static long s_total;
        private static long s_peak;
        private static long s_handles;

        [ThreadStatic]
        private static long t_created;

        private TensorImpl? _impl;
        private nint _handle;
        private bool _registered;

        /// <summary>Takes over one hold of <paramref name="impl"/>.</summary>
        internal Tensor(TensorImpl impl)
        {
            _impl = impl;
            if (Arena.IsActive)
                Arena.Add(this);
            else
                Register();
        }

        /// <summary>A tensor outside of arenas and scopes, counted or not; the caller disposes it.</summary>
        internal Tensor(TensorImpl impl, bool counted)
        {
            _impl = impl;
            if (counted)
                Count();
        }

        private Tensor()
        {
        }

        ~Tensor() => Dispose(false);

        /// <summary>Tensors alive in the process.</summary>
        public static long TotalCount => Interlocked.Read(ref s_total);

        /// <summary>The most tensors that were alive at once.</summary>
        public static long PeakCount => Interlocked.Read(ref s_peak);

        /// <summary>A number that identifies this tensor object while it lives.</summary>
        public IntPtr Handle
        {
            get
            {
                _ = Impl;
                if (_handle == 0)
                    _handle = (nint)Interlocked.Increment(ref s_handles);
                return _handle;
            }
        }

        public bool IsInvalid => _impl is null;

        public string? name { get; set; }

        internal DisposeScope? OwningScope { get; set; }

        /// <summary>Orders the tensors that this thread created for its caller.</summary>
        internal static long CreatedByThread => t_created;

        internal long CreationNumber { get; private set; }

        internal TensorImpl Impl => _impl ?? throw new InvalidOperationException("The tensor has been disposed.");

        /// <summary>A tensor outside of arenas, scopes and counters (invalid for null); the caller disposes it.</summary>
        internal static Tensor Floating(TensorImpl? impl) => new() { _impl = impl };

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningScope?.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningScope is null)
                other?.Attach(this);
            else
                OwningScope.MoveToOther(other, this);
            return this;
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether shape, type and all elements are equal.</summary>
        public bool Equals(Tensor target) => ReferenceEquals(this, target) || Comparison.AreEqual(this, target);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        protected virtual void Dispose(bool disposing)
        {
            TensorImpl? impl = Interlocked.Exchange(ref _impl, null);
            if (impl is null)
                return;
            if (_registered)
            {
                if (disposing)
                {
                    DisposeScopeManager.Current.CountDisposal(this);
                    OwningScope?.MarkAsDisposed(this);
                }

                Interlocked.Decrement(ref s_total);
            }

            impl.Release();
        }

        /// <summary>Enters the dispose scope and the counters of the calling thread.</summary>
        internal void Register()
        {
            OwningScope = DisposeScopeManager.Current.Register(this);
            CreationNumber = t_created++;
            Count();
        }

        /// <summary>Leaves this object without its tensor; the caller owns the returned hold.</summary>
        internal TensorImpl MoveImpl()
        {
            TensorImpl impl = Impl;
            _impl = null;
            if (_registered)
                Interlocked.Decrement(ref s_total);
            GC.SuppressFinalize(this);
            return impl;
        }

        private void Count()
        {
            _registered = true;
            long total = Interlocked.Increment(ref s_total);
            if (total > s_peak)
                s_peak = total;
        }
    }
}
