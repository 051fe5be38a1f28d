namespace TorchSharp;

public static partial class torch
{
    /// <summary>The lengths of a tensor's axes.</summary>
    public readonly struct Size : IEnumerable<long>
    {
        private readonly long[] _shape;

        public Size(long[] shape) => _shape = (long[])shape.Clone();

        public Size(IEnumerable<long> shape) => _shape = [.. shape];

        public Size(long size) => _shape = [size];

        public Size(int size) => _shape = [size];

        public static readonly Size Empty = new(Array.Empty<long>());

        public bool IsEmpty => _shape.Length == 0;

        public bool IsScalar => _shape.Length == 0;

        public int Length => _shape.Length;

        public long[] Shape => _shape;

        public long this[int idx] => _shape[idx];

        public long this[long idx] => _shape[idx];

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size(long[] size) => new(size);

        public Size Slice(int first, int next) => new(_shape[first..next]);

        public IEnumerable<long> Take(int i) => Enumerable.Take(_shape, i);

        public long numel() => Shapes.Count(_shape);

        public override bool Equals(object? obj) => obj is Size other && _shape.AsSpan().SequenceEqual(other._shape);

        public override int GetHashCode() => _shape.Length == 0 ? 0 : HashCode.Combine(_shape.Length, _shape[0], _shape[^1]);

        public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)_shape).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => _shape.GetEnumerator();
    }
}
