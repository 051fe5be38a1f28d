using Reasoning.Models.Devices;

namespace Reasoning.Tests;

/// <summary>The GPU that a test asks for; where there is none, the test is skipped. scripts/gpu/check.sh runs those tests.</summary>
internal static class Cuda
{
    /// <summary>The trait of tests that need a GPU: <c>device=cuda</c>.</summary>
    public const string Trait = "device", Name = "cuda";

    public static ComputeDevice Device()
    {
        Assert.SkipUnless(ComputeDevice.HasCuda, "needs a program with CUDA and a GPU");
        return ComputeDevice.Choose(Name);
    }
}
