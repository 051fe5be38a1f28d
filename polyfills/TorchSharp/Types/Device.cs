namespace TorchSharp;

/// <summary>Kinds of devices, in the order of libtorch.</summary>
public enum DeviceType
{
    CPU = 0,
    CUDA = 1,
    MKLDNN = 2,
    OPENGL = 3,
    OPENCL = 4,
    IDEEP = 5,
    HIP = 6,
    FPGA = 7,
    MSNPU = 8,
    XLA = 9,
    MPS = 13,
    META = 14,
}

public static partial class torch
{
    /// <summary>A device by kind and index; this backend has only the processor.</summary>
    public class Device
    {
        public Device(string description)
        {
            string[] parts = description.Split(':');
            type = Enum.Parse<DeviceType>(parts[0].ToUpperInvariant());
            index = parts.Length > 1 ? int.Parse(parts[1]) : -1;
        }

        public Device(string deviceType, int index = -1)
        {
            type = Enum.Parse<DeviceType>(deviceType.ToUpperInvariant());
            this.index = index;
        }

        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        public Device(int index)
        {
            type = DeviceType.CUDA;
            this.index = index;
        }

        public DeviceType type { get; }

        public int index { get; }

        public static implicit operator Device(string description) => new(description);

        public override string ToString()
        {
            if (type == DeviceType.CPU)
                return "cpu";
            string name = type.ToString().ToLowerInvariant();
            return index == -1 ? name : $"{name}:{index}";
        }
    }

    public static readonly Device CPU = new(DeviceType.CPU);

    private static Device s_defaultDevice = CPU;
    private static ScalarType s_defaultDType = ScalarType.Float32;

    public static Device device(string description) => InitializeDevice(new Device(description));

    public static Device device(string deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    public static Device device(DeviceType deviceType, int index = -1) => InitializeDevice(new Device(deviceType, index));

    /// <summary>The device itself, or the default one for null. Throws for anything but the processor.</summary>
    public static Device InitializeDevice(Device? device)
    {
        device ??= s_defaultDevice;
        InitializeDeviceType(device.type);
        return device;
    }

    public static void InitializeDeviceType(DeviceType deviceType)
    {
        if (deviceType != DeviceType.CPU)
        {
            throw new NotSupportedException(
                $"Device '{deviceType.ToString().ToLowerInvariant()}' needs the TorchSharp package: build with -p:Backend=cuda. The embedded backend computes on 'cpu' only.");
        }
    }

    public static bool TryInitializeDeviceType(DeviceType deviceType) => deviceType == DeviceType.CPU;

    public static Device get_default_device() => s_defaultDevice;

    public static void set_default_device(Device device) => s_defaultDevice = InitializeDevice(device);

    public static void set_default_device(string device) => set_default_device(new Device(device));

    public static ScalarType get_default_dtype() => s_defaultDType;

    public static void set_default_dtype(ScalarType dtype)
    {
        if (!is_floating_point(dtype))
            throw new ArgumentException($"The default type must be floating point, not {dtype}.", nameof(dtype));
        s_defaultDType = dtype;
    }

    /// <summary>CUDA as seen from this backend: absent.</summary>
    public static partial class cuda
    {
        public static bool is_available() => false;

        public static bool is_cudnn_available() => false;

        public static int device_count() => 0;
    }
}
