using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;
using Xunit.v3;

[assembly: LeaksNoTensors]

namespace Reasoning.Tests;

/// <summary>
/// Every test of the assembly ends with as many tensors as it began with. Counted are those of the test's thread, which lets tests run beside
/// each other and takes a tensor that only the collector frees for the leak that it is.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class LeaksNoTensorsAttribute : BeforeAfterTestAttribute
{
    private readonly ConcurrentDictionary<string, long> _before = new();

    /// <summary>A test that begins with a tensor finds libtorch where this library says it lies, whichever test happens to be the first.</summary>
    static LeaksNoTensorsAttribute() => RuntimeHelpers.RunModuleConstructor(typeof(Models.Devices.NativeLibraries).Module.ModuleHandle);

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => _before[test.UniqueID] = Live;

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        _before.TryRemove(test.UniqueID, out long before);
        long more = Live - before;
        Assert.True(more == 0, $"{more} tensors more than before the test");
    }

    // Not Tensor.TotalCount: it stays one too high for every Parameter, and for every gradient that autograd leaves undefined.
    private static long Live => DisposeScopeManager.Statistics switch
    {
        var n => n.CreatedOutsideScopeCount + n.DetachedFromScopeCount - n.AttachedToScopeCount - n.DisposedOutsideScopeCount,
    };
}
