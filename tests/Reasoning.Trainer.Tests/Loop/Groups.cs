using Reasoning.Grading;
using Reasoning.Models.Generation;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>Groups made by hand.</summary>
internal static class Groups
{
    /// <summary>A group of texts; those that end with … are truncated.</summary>
    public static PromptGroup Of(string? gold, params string[] texts) =>
        Of(gold, AnswerPlace.Box, texts);

    /// <summary>The same with answers in other places.</summary>
    public static PromptGroup Of(string? gold, AnswerPlace place, params string[] texts) =>
        new(new Prompt("p", "question", gold), [.. texts.Select((text, i) => Sample(i, text, place))]);

    private static Sample Sample(int number, string text, AnswerPlace place)
    {
        FinishReason finish = text.EndsWith('…') ? FinishReason.Length : FinishReason.Stop;
        return new Sample(new Rollout("p", number, [1], [2, 3], [-1f, -2f], finish), text, place);
    }
}
