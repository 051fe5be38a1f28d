using System.Runtime.InteropServices;
using Reasoning.Models;

namespace Reasoning.Trainer.Cli;

/// <summary>
/// On Linux .NET computes hashes and encrypts connections with OpenSSL, and ends the process in the midst of its work where there is none, as in a
/// bare container. A published folder brings a copy along for that case; the system's own comes first.
/// </summary>
internal static class OpenSsl
{
    private static readonly string[] s_ofSystem = ["libssl.so.3", "libssl.so.1.1"], s_ofFolder = ["libcrypto.so.3", "libssl.so.3"];

    /// <summary>Looks for it before it is needed.</summary>
    /// <exception cref="UserErrorException">There is none.</exception>
    public static void MakeSure()
    {
        if (!OperatingSystem.IsLinux() || s_ofSystem.Any(library => NativeLibrary.TryLoad(library, out _))) return;
        // A library that is loaded is found by its name from then on; the second needs the first.
        if (!s_ofFolder.All(library => NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, "openssl", library), out _)))
            throw new UserErrorException("this system lacks OpenSSL, which .NET needs; install it, on Debian and Ubuntu with apt-get install libssl3");
    }
}
