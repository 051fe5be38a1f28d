using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Reasoning.Models.Devices;

/// <summary>The native libraries below TorchSharp and LLamaSharp: where they lie, and what has to be set before the first is loaded.</summary>
public static partial class NativeLibraries
{
    private static readonly string[] s_systems = ["linux-x64", "win-x64", "win-arm64", "osx-arm64"];
    private static readonly Lazy<bool> s_loaded = new(LoadTorch);

    /// <summary>File names of the CPU part of libtorch on this system, in the order in which they need each other.</summary>
    public static IReadOnlyList<string> Torch { get; } =
        OperatingSystem.IsWindows() ? ["c10.dll", "torch_cpu.dll", "LibTorchSharp.dll"]
        : OperatingSystem.IsMacOS() ? ["libc10.dylib", "libtorch_cpu.dylib", "libLibTorchSharp.dylib"]
        : ["libc10.so", "libtorch_cpu.so", "libLibTorchSharp.so"];

    /// <summary>Where they lie: beside a published program, else where the build put them.</summary>
    public static string Folder { get; } = File.Exists(Path.Combine(AppContext.BaseDirectory, Torch[^1]))
        ? AppContext.BaseDirectory
        : typeof(NativeLibraries).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(data => data.Key == "NativeFolder")?.Value ?? AppContext.BaseDirectory;

    /// <summary>
    /// Loads libtorch, once; before the first tensor, for TorchSharp by itself would answer a library that does not load with a page of
    /// what it tried, and copy half a gigabyte beside the program first.
    /// </summary>
    /// <exception cref="UserErrorException">It does not load: says which library, where it lies, and the loader's words.</exception>
    public static void Load() => _ = s_loaded.Value;

    /// <summary>The file that this process has loaded under a name, where the system tells.</summary>
    public static string? Loaded(string name)
    {
        const string Maps = "/proc/self/maps";
        if (!File.Exists(Maps))
            return null;
        string stem = "/" + name;
        return File.ReadLines(Maps).Select(line => line.IndexOf('/') is >= 0 and int at ? line[at..] : "")
            .FirstOrDefault(path => path.Contains(stem, StringComparison.Ordinal));
    }

    /// <summary>Called by the runtime before any code of this library; nothing native is loaded until something asks for it.</summary>
#pragma warning disable CA2255 // A program that uses this library must not have to remember a call before its first tensor.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Initialize()
    {
        // OpenMP's threads sleep between loops: spinning beside the threads of this program, they make small models many times slower.
        // The library of GCC reads the first, that of LLVM and Intel the second, once, when it is loaded.
        SetDefault("OMP_WAIT_POLICY", "passive");
        SetDefault("KMP_BLOCKTIME", "0");
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            name.Contains("torch", StringComparison.OrdinalIgnoreCase) && NativeLibraryProbe.PathOf(FileNameOf(name)) is { } path
                ? NativeLibrary.Load(path)
                : 0;
    }

    private static bool LoadTorch()
    {
        foreach (NativeLibraryProbe probe in Torch.Select(NativeLibraryProbe.Load))
        {
            if (probe.Error is null) continue;
            string system = RuntimeInformation.RuntimeIdentifier;
            throw new UserErrorException(s_systems.Contains(system)
                ? $"{probe}; folders asked: {string.Join(", ", NativeLibraryProbe.Folders)}; build again, or see docs/devices.md"
                : $"this needs libtorch, and there is no package of it for {system}, only for {string.Join(", ", s_systems)}; {probe}");
        }

        return true;
    }

    /// <summary>Sets a variable for native code where the environment does not. On Unix .NET changes only a copy of its own.</summary>
    private static void SetDefault(string name, string value)
    {
        if (!OperatingSystem.IsWindows()) _ = SetEnvironment(name, value, overwrite: 0);
        else if (Environment.GetEnvironmentVariable(name) is null) Environment.SetEnvironmentVariable(name, value);
    }

    private static string FileNameOf(string name) =>
        Path.HasExtension(name) ? name
        : OperatingSystem.IsWindows() ? $"{name}.dll"
        : $"lib{name}{(OperatingSystem.IsMacOS() ? ".dylib" : ".so")}";

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
