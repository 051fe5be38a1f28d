namespace Reasoning.Grading.Tests;

/// <summary>Tests that measure time run alone, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TimedTests
{
    public const string Name = "timed";
}
