namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to_type(type, copy, disposeAfter, non_blocking);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDevice(device);
            return to_type(type, copy, disposeAfter, non_blocking);
        }

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            InitializeDevice(device);
            return to_type(dtype, copy, disposeAfter, non_blocking);
        }

        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(device), copy, disposeAfter, non_blocking);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);

        public Tensor to(Tensor other, bool non_blocking = false) => to_type(other.dtype);

        /// <summary>The tensor in another type; a second handle to the same one if it has that type already.</summary>
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false)
        {
            Tensor result = type == dtype ? (copy ? clone() : new Tensor(Impl.Hold())) : Convert(type);
            if (disposeAfter)
                Dispose();
            return result;
        }

        /// <summary>Page-locked memory is for transfers to a device, and the embedded backend has none.</summary>
        public Tensor pin_memory() => throw Errors.Unsupported("pin_memory", "the embedded backend has no device to transfer to.");

        public Tensor type(ScalarType dtype) => to_type(dtype);

        public Tensor type(Func<Tensor, Tensor> typeFunc) => typeFunc(this);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor cpu() => new(Impl.Hold());

        public Tensor cuda(Device? device = null, bool non_blocking = false)
        {
            InitializeDeviceType(DeviceType.CUDA);
            return this;
        }

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        /// <summary>A copy with its own memory; recorded.</summary>
        public Tensor clone()
        {
            Tensor r = Copies.Clone(this, contiguous: false);
            return Graph.Records(this) ? Graph.Record(r, "CloneBackward", [this], [], static (_, g) => [g]) : r;
        }

        /// <summary>Row-major: a second handle to this tensor if it is so already, else a copy.</summary>
        public Tensor contiguous()
        {
            if (Impl.IsContiguous)
                return new Tensor(Impl.Hold());
            Tensor r = Copies.Clone(this, contiguous: true);
            return Graph.Records(this) ? Graph.Record(r, "CloneBackward", [this], [], static (_, g) => [g]) : r;
        }

        /// <summary>Overwrites the elements, broadcasting and converting the source.</summary>
        public Tensor copy_(Tensor source, bool nonBlocking = false)
        {
            if (!Shapes.CanExpand(source.Impl.Sizes, Impl.Sizes))
                Errors.Throw($"copy_: {Errors.Text(source.Impl.Sizes)} does not broadcast to {Errors.Text(Impl.Sizes)}.");
            return InPlace(
                "copy_",
                source.Impl.RequiresGrad,
                source,
                static (t, s) =>
                {
                    Tensor full = s.expand(t.Impl.Sizes);
                    return full.dtype == t.dtype ? full.clone() : full.to_type(t.dtype);
                },
                static (t, s) =>
                {
                    Copies.Into(t.Impl, s.Impl);
                    GC.KeepAlive(s);
                });
        }

        /// <summary>Makes this tensor share the memory of another.</summary>
        public Tensor set_(Tensor source)
        {
            if (GradMode.IsEnabled && Impl.RequiresGrad)
                Errors.Throw("set_: the tensor requires a gradient.");
            Impl.Become(source.Impl);
            return this;
        }

        private Tensor Convert(ScalarType type)
        {
            var r = new Tensor(Copies.As(Impl, type));
            return Graph.Records(this) && torch.is_floating_point(type)
                ? Graph.Record(r, "ToCopyBackward", [this], [], static (_, g) => [g])
                : r;
        }
    }
}
