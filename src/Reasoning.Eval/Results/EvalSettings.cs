using Reasoning.Grading;
using Reasoning.Models.Generation;

namespace Reasoning.Eval.Results;

/// <summary>Everything a number depends on besides the weights. Stored with each result and printed with each number.</summary>
public sealed record EvalSettings
{
    /// <summary>File of the prompts.</summary>
    public required string Prompts { get; init; }

    /// <summary>Hash of ids and texts of the prompts.</summary>
    public required string PromptsHash { get; init; }

    /// <summary>How a prompt is turned into the model's input.</summary>
    public required string PromptTemplate { get; init; }

    /// <summary>Answers sampled for each prompt.</summary>
    public required int Samples { get; init; }

    /// <summary>The k of pass@k and maj@k.</summary>
    public required IReadOnlyList<int> Ks { get; init; }

    /// <summary>Sampling temperature.</summary>
    public required double Temperature { get; init; }

    /// <summary>Nucleus mass.</summary>
    public required double TopP { get; init; }

    /// <summary>Most probable tokens kept; 0 is all.</summary>
    public required int TopK { get; init; }

    /// <summary>Most tokens of an answer.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>Seed of all draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Step in the key of all draws.</summary>
    public required int Step { get; init; }

    /// <summary>Where an answer may stand in a response.</summary>
    public AnswerPlace AnswerPlace { get; init; } = AnswerPlace.Box;

    /// <summary>How logits were sharpened before a token was drawn; null for not at all.</summary>
    public EntropyMinimization? EntropyMinimization { get; init; }

    /// <summary>What computed the answers: this program's own engine, or another that runs an export.</summary>
    public string Engine { get; init; } = Generator.OwnEngine;

    /// <summary>Why numbers of these settings and of others cannot be paired, in one clause; null where they can.</summary>
    public string? DifferenceFrom(EvalSettings other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (PromptsHash != other.PromptsHash) return $"the prompts differ: {Prompts} ({PromptsHash}) and {other.Prompts} ({other.PromptsHash})";
        if (PromptTemplate != other.PromptTemplate) return "the prompt templates differ";
        bool sameSampling = (Samples, Temperature, TopP, TopK, MaxNewTokens, Seed, AnswerPlace, EntropyMinimization)
            == (other.Samples, other.Temperature, other.TopP, other.TopK, other.MaxNewTokens, other.Seed, other.AnswerPlace, other.EntropyMinimization);
        return sameSampling ? null : $"the settings differ: {Describe()} and {other.Describe()}";
    }

    /// <summary>One line with what belongs beside every number.</summary>
    public string Describe() => Describe(FormattableString.Invariant($"seed {Seed}"));

    /// <summary>The same for several evaluations that differ in their seed alone.</summary>
    /// <param name="seeds">Which seeds, such as "seeds 1, 2".</param>
    public string Describe(string seeds)
    {
        string topK = TopK > 0 ? $" top-k={TopK}" : "";
        string anywhere = AnswerPlace == AnswerPlace.Anywhere ? ", answers outside a box count" : "";
        string sharpening = EntropyMinimization is null ? "" : $", {EntropyMinimization.Describe()}";
        string engine = Engine == Generator.OwnEngine ? "" : $", engine {Engine}";
        return FormattableString.Invariant($"n={Samples} T={Temperature} top-p={TopP}{topK} max {MaxNewTokens} tokens {seeds}{anywhere}{sharpening}{engine}");
    }
}
