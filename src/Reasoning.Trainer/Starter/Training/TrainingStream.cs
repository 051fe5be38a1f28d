using Reasoning.Models.Random;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>The endless training problems, each a function of (seed, index); problems of the prompt sets are left out.</summary>
/// <param name="seed">Names the stream.</param>
/// <param name="mix">Shares of the kinds of problems.</param>
/// <param name="excluded">Texts of problems that must not occur.</param>
public sealed class TrainingStream(ulong seed, TrainingMix mix, IReadOnlySet<string> excluded)
{
    private static readonly ulong s_choice = KeyedRandom.Key("shifts of a training problem");

    private readonly ProblemGenerator _generator = new(seed);

    /// <summary>The problem at a place in the stream.</summary>
    public Problem this[ulong index]
    {
        get
        {
            var choice = new KeyedStream(seed, s_choice, index);
            Shifts shifts = mix.Draw(ref choice);
            for (ulong attempt = 0; ; attempt++)
            {
                Problem problem = _generator.Draw(shifts, index, attempt);
                if (!excluded.Contains(problem.Text)) return problem;
            }
        }
    }
}
