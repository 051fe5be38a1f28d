using System.CommandLine;
using Reasoning.Models;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Cli;

/// <summary>Options that several commands have, and checks of their values.</summary>
internal static class Given
{
    public static Option<string> Model() => new("--model")
    {
        HelpName = "DIR",
        Description = $"Checkpoint folder in Hugging Face layout. Default: {DefaultFiles.Model}, the starter model.",
    };

    public static Option<string> Prompts() => new("--prompts")
    {
        HelpName = "FILE",
        Description = $"Prompts: JSON array or JSON lines with prompt (or problem, question), optional answer and "
            + $"id. Default: {DefaultFiles.Prompts}.",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print machine-readable results." };

    public static Option<ulong> Seed(ulong @default) => new("--seed")
    {
        HelpName = "S",
        Description = "Seed of every draw (number).",
        DefaultValueFactory = _ => @default,
    };

    /// <summary>The checkpoint folder: the given one or the starter model.</summary>
    public static string ModelFolder(string? given) => given ?? DefaultFiles.Find(DefaultFiles.Model, "--model");

    /// <summary>Refuses a number outside its range.</summary>
    /// <exception cref="UserErrorException">It is outside.</exception>
    public static T InRange<T>(T value, T low, T high, string option)
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
            ? value
            : throw new UserErrorException(FormattableString.Invariant($"{option} is {value}; allowed: {low} to {high}"));
}
