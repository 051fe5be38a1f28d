using Reasoning.Models.Random;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>The endless training problems, each a function of (seed, index); problems of the prompt sets are left out.</summary>
/// <param name="seed">Names the stream.</param>
/// <param name="mix">Shares of the cells.</param>
/// <param name="excluded">Texts of problems that must not occur; null for those of the mix's own sets.</param>
public sealed class TrainingStream(ulong seed, TrainingMix mix, IReadOnlySet<string>? excluded = null)
{
    private static readonly ulong s_choice = KeyedRandom.Key("shifts of a training problem");

    private readonly ProblemGenerator _generator = new(seed);
    private readonly IReadOnlySet<string> _excluded = excluded ?? mix.Texts;

    /// <summary>The problem at a place in the stream.</summary>
    public Problem this[ulong index]
    {
        get
        {
            var choice = new KeyedStream(seed, s_choice, index);
            Cell cell = mix.Draw(ref choice);
            for (ulong attempt = 0; ; attempt++)
            {
                Problem problem = _generator.Draw(cell, index, attempt);
                if (!_excluded.Contains(problem.Text)) return problem;
            }
        }
    }
}
