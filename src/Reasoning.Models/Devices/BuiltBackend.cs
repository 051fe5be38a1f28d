using System.Reflection;

namespace Reasoning.Models;

/// <summary>Which packages this program was built with (-p:Backend=). Only messages and the choice of a device ask.</summary>
public static class BuiltBackend
{
    /// <summary>The managed stand-ins of polyfills/.</summary>
    public const string Embedded = "embedded";

    /// <summary>TorchSharp with libtorch for CUDA.</summary>
    public const string Cuda = "cuda";

    /// <summary>embedded, cpu or cuda.</summary>
    public static string Name { get; } = typeof(BuiltBackend).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(data => data.Key == "Backend")?.Value ?? Embedded;
}
