using System.Runtime.CompilerServices;
using Xunit.v3;

namespace Reasoning.Tests;

/// <summary>A test that takes minutes: skipped without REASONING_SLOW=1, chosen with --filter Category=Slow.</summary>
public sealed class SlowFactAttribute : FactAttribute, ITraitAttribute
{
    /// <summary>Whether the long runs are asked for.</summary>
    public static bool IsAsked => Environment.GetEnvironmentVariable("REASONING_SLOW") == "1";

    internal const string Reason = "takes minutes; set REASONING_SLOW=1";

    public SlowFactAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = IsAsked ? null : Reason;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Category", "Slow")];
}

/// <inheritdoc cref="SlowFactAttribute"/>
public sealed class SlowTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public SlowTheoryAttribute([CallerFilePath] string? file = null, [CallerLineNumber] int line = -1)
        : base(file, line) => Skip = SlowFactAttribute.IsAsked ? null : SlowFactAttribute.Reason;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Category", "Slow")];
}
