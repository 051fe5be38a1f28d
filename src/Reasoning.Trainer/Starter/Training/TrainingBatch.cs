using Reasoning.Models.Modeling;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>Examples packed without padding, and which rows predict a token of an answer.</summary>
/// <param name="Inputs">Every example without its last token, which predicts nothing.</param>
/// <param name="Rows">Rows of <paramref name="Inputs"/> whose next token belongs to an answer.</param>
/// <param name="Targets">The next token of each of these rows.</param>
internal sealed record TrainingBatch(PackedSequences Inputs, long[] Rows, long[] Targets)
{
    internal static TrainingBatch Of(IReadOnlyList<TrainingExample> examples)
    {
        var inputs = new PackedSequences([.. examples.Select(example => example.Ids[..^1])]);
        var rows = new List<long>();
        var targets = new List<long>();
        for (int i = 0; i < examples.Count; i++)
        {
            TrainingExample example = examples[i];
            for (int next = example.PromptLength; next < example.Ids.Length; next++)
            {
                rows.Add(inputs.Offsets[i] + next - 1);
                targets.Add(example.Ids[next]);
            }
        }

        return new TrainingBatch(inputs, [.. rows], [.. targets]);
    }
}
