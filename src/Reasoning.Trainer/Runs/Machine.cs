using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Reasoning.Models.Devices;
using TorchSharp;

namespace Reasoning.Trainer.Runs;

/// <summary>What a run was computed with.</summary>
internal sealed record Machine
{
    /// <summary>What multiplies tensors, with versions.</summary>
    public string Engine { get; init; } = $"TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}, libtorch {torch.__version__}";

    public string Device { get; init; } = "cpu";

    public int Threads { get; init; } = ComputeDevice.Threads;

    /// <summary>Processes that shared the work.</summary>
    public int Ranks { get; init; } = 1;

    public string VectorUnits { get; init; } = Vectors();

    public string OperatingSystem { get; init; } = RuntimeInformation.OSDescription;

    public string Architecture { get; init; } = RuntimeInformation.ProcessArchitecture.ToString();

    public string Runtime { get; init; } = RuntimeInformation.FrameworkDescription;

    public string Program { get; init; } = typeof(Machine).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>The commit of the working tree around the program, if there is one.</summary>
    public string? Commit { get; init; } = GitCommit.Around(AppContext.BaseDirectory);

    private static string Vectors() =>
        Vector512.IsHardwareAccelerated ? "AVX-512" : Avx2.IsSupported ? "AVX2" : Vector128.IsHardwareAccelerated ? "128-bit" : "none";
}
