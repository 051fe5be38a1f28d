using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    public unsafe partial class Tensor
    {
        /// <summary>The memory of a contiguous tensor. Keep the tensor alive while the span is in use.</summary>
        public Span<byte> bytes
        {
            get => new(Contents(Impl.Count * Impl.ItemSize), checked((int)(Impl.Count * Impl.ItemSize)));
            set
            {
                if (!Impl.IsContiguous)
                    throw new InvalidOperationException("bytes: the tensor is not contiguous.");
                if (value.Length != Impl.Count * Impl.ItemSize)
                    throw new ArgumentException($"bytes: {value.Length} bytes given, the tensor has {Impl.Count * Impl.ItemSize}.");
                value.CopyTo(new Span<byte>(Impl.Data, value.Length));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Typed access to the elements; T must be the element type.</summary>
        public Utils.TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            CheckType<T>();
            return new Utils.TensorAccessor<T>(this);
        }

        /// <summary>The value of a tensor of one element; T must be the element type.</summary>
        public T item<T>()
            where T : unmanaged
        {
            if (Impl.Count != 1)
                throw new ArgumentException($"item: the tensor has {Impl.Count} elements instead of one.");
            CheckType<T>();
            T value = *(T*)Impl.Data;
            GC.KeepAlive(this);
            return value;
        }

        /// <summary>The value of a tensor of one element.</summary>
        public Scalar ToScalar()
        {
            if (Impl.Count != 1)
                Errors.Throw($"ToScalar: the tensor has {Impl.Count} elements instead of one.");
            Scalar value = ScalarAt(0);
            GC.KeepAlive(this);
            return value;
        }

        public T ReadCpuValue<T>(long i)
            where T : unmanaged => data<T>()[i];

        public bool ReadCpuBool(long i) => ReadCpuValue<bool>(i);

        public byte ReadCpuByte(long i) => ReadCpuValue<byte>(i);

        public sbyte ReadCpuSByte(long i) => ReadCpuValue<sbyte>(i);

        public short ReadCpuInt16(long i) => ReadCpuValue<short>(i);

        public int ReadCpuInt32(long i) => ReadCpuValue<int>(i);

        public long ReadCpuInt64(long i) => ReadCpuValue<long>(i);

        public float ReadCpuSingle(long i) => ReadCpuValue<float>(i);

        public double ReadCpuDouble(long i) => ReadCpuValue<double>(i);

        public float ReadCpuFloat16(long i) => (float)ReadCpuValue<Half>(i);

        public float ReadCpuBFloat16(long i) => ReadCpuValue<BFloat16>(i).ToSingle();

        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            byte* p = Contents(0);
            for (long rest = Impl.Count * Impl.ItemSize; rest > 0;)
            {
                int n = (int)Math.Min(rest, bufferSize);
                stream.Write(new ReadOnlySpan<byte>(p, n));
                p += n;
                rest -= n;
            }

            GC.KeepAlive(this);
        }

        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            byte* p = Contents(0);
            Impl.Storage.BumpVersion();
            for (long rest = Impl.Count * Impl.ItemSize; rest > 0;)
            {
                int n = stream.Read(new Span<byte>(p, (int)Math.Min(rest, bufferSize)));
                if (n == 0)
                    throw new EndOfStreamException($"ReadBytesFromStream: {rest} bytes are missing.");
                p += n;
                rest -= n;
            }

            GC.KeepAlive(this);
        }

        /// <summary>Reads a tensor written by <see cref="TensorExtensionMethods.Save(Tensor, BinaryWriter)"/>.</summary>
        public static Tensor Load(BinaryReader reader)
        {
            (ScalarType dtype, long[] sizes) = TensorExtensionMethods.ReadHeader(reader);
            Tensor tensor = empty(sizes, dtype);
            tensor.ReadBytesFromStream(reader.BaseStream, 1 << 20);
            return tensor;
        }

        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            return Load(reader);
        }

        public static Tensor Load(string location)
        {
            using FileStream stream = File.OpenRead(location);
            return Load(stream);
        }

        /// <summary>The element at a linear offset from the first.</summary>
        internal Scalar ScalarAt(long offset)
        {
            byte* p = Impl.Data + offset * Impl.ItemSize;
            return dtype switch
            {
                ScalarType.Float32 => Scalar.Of(*(float*)p),
                ScalarType.Float64 => Scalar.Of(*(double*)p),
                ScalarType.Float16 => Scalar.Of((double)*(Half*)p),
                ScalarType.BFloat16 => Scalar.Of(((BFloat16*)p)->ToSingle()),
                ScalarType.Int64 => Scalar.Of(*(long*)p),
                ScalarType.Int32 => Scalar.Of((long)*(int*)p),
                ScalarType.Int16 => Scalar.Of((long)*(short*)p),
                ScalarType.Int8 => Scalar.Of((long)*(sbyte*)p),
                ScalarType.Bool => *p != 0,
                _ => Scalar.Of((long)*p),
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void CheckType<T>()
        {
            if (DTypes.Of(typeof(T)) != Impl.DType)
                throw new ArgumentException($"{typeof(T).Name} is not the element type of a {Impl.DType} tensor.");
        }

        private byte* Contents(long size)
        {
            if (!Impl.IsContiguous)
                throw new InvalidOperationException("bytes: the tensor is not contiguous.");
            if (size > int.MaxValue)
                throw new ArgumentException($"bytes: a span holds at most {int.MaxValue} bytes, the tensor has {size}.");
            return Impl.Data;
        }
    }
}
