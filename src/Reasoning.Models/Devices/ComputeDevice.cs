using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Devices;

/// <summary>Where tensors live and who computes: the one place that knows.</summary>
public sealed record ComputeDevice
{
    private ComputeDevice(Device device, string reason) => (Device, Reason) = (device, reason);

    /// <summary>The CPU.</summary>
    public static ComputeDevice Cpu { get; } = new(CPU, "asked for");

    /// <summary>
    /// Threads of libtorch, of our own kernels and of llama.cpp alike, at least 1; before a device is chosen it can be set. From the start
    /// what OMP_NUM_THREADS says, else the processors that this process may use.
    /// </summary>
    public static int Threads
    {
        get => Workers.Count;
        set => Workers.Count = value;
    }

    /// <summary>A device that the caller has chosen and knows to work.</summary>
    public static ComputeDevice Of(Device device) => new(device, "chosen by the program");

    /// <summary>As TorchSharp knows it.</summary>
    public Device Device { get; }

    /// <summary>Why it was chosen, for the header of a run.</summary>
    public string Reason { get; }

    /// <summary><c>cpu</c> or <c>cuda:N</c>.</summary>
    public string Name => IsCpu ? "cpu" : string.Create(CultureInfo.InvariantCulture, $"cuda:{Math.Max(0, Device.index)}");

    /// <summary>Whether it is main memory.</summary>
    public bool IsCpu => Device.type == DeviceType.CPU;

    /// <summary>The device that <c>--device</c> names.</summary>
    /// <param name="choice"><c>cpu</c>, <c>cuda</c>, <c>cuda:N</c>, or <c>auto</c>: CUDA where this build has it and it works, else the CPU.</param>
    /// <exception cref="UserErrorException">
    /// The word is unknown, or CUDA was asked for by name and cannot be used: the message lists what was probed.
    /// </exception>
    public static ComputeDevice Choose(string choice)
    {
        NativeLibraries.Load();
        set_num_threads(Threads);
        switch (choice)
        {
            case "cpu":
                return Cpu;
            case "auto" when !HasCuda:
                return new ComputeDevice(CPU, "auto: this program was built with -p:Device=cpu");
            case "auto":
                string? problem = CudaProbe.Problem(0);
                return problem is null
                    ? new ComputeDevice(new Device(DeviceType.CUDA, 0), "auto: CUDA works here")
                    : new ComputeDevice(CPU, $"auto: CUDA cannot be used: {problem}");
            case "cuda":
                return Named(0);
            default:
                return choice.StartsWith("cuda:", StringComparison.Ordinal)
                    && int.TryParse(choice.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                    ? Named(index)
                    : throw new UserErrorException($"--device is '{choice}'; write cpu, cuda, cuda:N or auto");
        }
    }

    /// <summary>Whether this program has libtorch for CUDA; that it works is another question.</summary>
    public static bool HasCuda => NativeLibraryProbe.PathOf(CudaProbe.Torch) is not null;

    /// <summary>Every CUDA device of this machine.</summary>
    /// <exception cref="UserErrorException">There is none that works.</exception>
    public static IReadOnlyList<ComputeDevice> EveryCuda()
    {
        ComputeDevice first = Named(0);
        return [first, .. Enumerable.Range(1, Math.Max(0, cuda.device_count() - 1)).Select(Named)];
    }

    private static ComputeDevice Named(int index)
    {
        if (!HasCuda)
        {
            throw new UserErrorException(
                $"--device cuda: {CudaProbe.Torch} is in none of {string.Join(", ", NativeLibraryProbe.Folders)}; build with -p:Device=cuda "
                + "(docs/devices.md), or leave --device away");
        }

        return CudaProbe.Problem(index) is { } problem
            ? throw new UserErrorException($"--device cuda:{index}: {problem}; see reasoning doctor and docs/devices.md, or use --device cpu")
            : new ComputeDevice(new Device(DeviceType.CUDA, index), "asked for");
    }
}
