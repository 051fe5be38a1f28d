using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What the native library reports surfaces as <see cref="ExternalException"/>; so it does here.</summary>
internal static class Errors
{
    internal static ExternalException Native(string message) => new(message);

    [DoesNotReturn]
    internal static void Throw(string message) => throw new ExternalException(message);

    internal static string Text(ReadOnlySpan<long> shape) => "[" + string.Join(", ", shape.ToArray()) + "]";

    internal static NotSupportedException Unsupported(string call, string why) => new($"{call}: {why}");
}
