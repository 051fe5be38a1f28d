using System.Runtime.InteropServices;

namespace Reasoning.Models;

/// <summary>Settings of the libraries below libtorch that count only if they are made before it is loaded.</summary>
public static partial class NativeRuntime
{
    /// <summary>
    /// Lets OpenMP's threads sleep between loops: spinning beside the threads of BLAS and of this program, they make small models many
    /// times slower. What the environment says already stays. Without effect on the embedded backend and outside Linux.
    /// </summary>
    public static void Prepare()
    {
        if (BuiltBackend.Name != BuiltBackend.Embedded && OperatingSystem.IsLinux())
            _ = SetEnvironment("OMP_WAIT_POLICY", "passive", overwrite: 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
