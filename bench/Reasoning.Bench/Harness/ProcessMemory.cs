using System.Globalization;

namespace Reasoning.Bench.Harness;

/// <summary>Resident memory of this process as the Linux kernel counts it.</summary>
internal static class ProcessMemory
{
    /// <summary>Resident now, in bytes.</summary>
    public static long Resident => Read("VmRSS:");

    /// <summary>The most that was resident since <see cref="ForgetPeak"/>, in bytes.</summary>
    public static long Peak => Read("VmHWM:");

    /// <summary>Whether the kernel tells.</summary>
    public static bool IsKnown => File.Exists("/proc/self/clear_refs");

    /// <summary>Begins a new peak at what is resident now.</summary>
    public static void ForgetPeak() => File.WriteAllText("/proc/self/clear_refs", "5");

    private static long Read(string field)
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(field, StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
