using System.Text.Json.Serialization;

namespace Reasoning.Eval.Results;

/// <summary>An evaluation: settings, and what happened to each prompt of the set.</summary>
public sealed record EvalResult
{
    /// <summary>Version of the stored form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>What the numbers depend on.</summary>
    public required EvalSettings Settings { get; init; }

    /// <summary>What answered; null in files of versions before this was kept, and where several models did.</summary>
    public EvaluatedModel? Model { get; init; }

    /// <summary>One entry for each evaluated prompt, in the order of the set.</summary>
    public required IReadOnlyList<ProblemResult> Problems { get; init; }

    /// <summary>Share of the sampled tokens that a large model drew; null where one model answered.</summary>
    public double? LargeTokenShare { get; init; }

    /// <summary>
    /// Mean over the sampled tokens of −ln p, in nats, p under softmax(logits / temperature) before top-p: how uncertain the model was of what
    /// it wrote, at top-p 1 an unbiased estimate of the entropy of a token. Null in earlier files and where the engine gives no probabilities.
    /// </summary>
    public double? TokenEntropy { get; init; }

    /// <summary>How many of the prompts stand among those that the model was adapted to; null where that is not known or they are the same set.</summary>
    public PromptOverlap? Overlap { get; init; }

    /// <summary>Prompts that are too long.</summary>
    public IReadOnlyList<RefusedPrompt> Refused { get; init; } = [];

    /// <summary>Prompts whose gold answer could not be read; only the same text counts as correct there.</summary>
    public IReadOnlyList<string> UnreadGold { get; init; } = [];

    /// <summary>The first prompt as the model saw it.</summary>
    public string FirstPrompt { get; init; } = "";

    /// <summary>A few graded responses when not one of all was correct; else empty.</summary>
    public IReadOnlyList<GradedExample> Examples { get; init; } = [];
}

/// <summary>The model that an evaluation is about.</summary>
/// <param name="Path">Where it was: a folder or a GGUF file; of a run's own model the name of the folder in the run.</param>
/// <param name="Hash">Identifies its content; empty where a server has it.</param>
public sealed record EvaluatedModel(string Path, string Hash)
{
    /// <summary>Whether it was here, so that its content is known.</summary>
    [JsonIgnore]
    public bool IsKnown => Hash.Length > 0;

    public override string ToString() => IsKnown ? $"{Path}, hash {Hash[..Math.Min(8, Hash.Length)]}" : Path;
}

/// <summary>A response with what was made of it, to look at when a run scores nothing.</summary>
public sealed record GradedExample(string PromptId, string Response, string? Extracted, string Gold);

/// <summary>A prompt that was not evaluated because prompt and answer do not fit into the model's positions.</summary>
/// <param name="PromptId">Its id.</param>
/// <param name="Tokens">Tokens of the rendered prompt.</param>
/// <param name="Allowed">Most tokens that leave room for an answer.</param>
public sealed record RefusedPrompt(string PromptId, int Tokens, int Allowed);
