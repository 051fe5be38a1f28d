using Reasoning.Grading;
using Reasoning.Models.Generation;
using Reasoning.Models.Prompts;

namespace Reasoning.Trainer.Learning;

/// <summary>One rollout with what the judge found.</summary>
/// <param name="rollout">What was sampled.</param>
/// <param name="text">A view of the ids, for the answer parser and for people.</param>
/// <param name="place">Where an answer may stand in it.</param>
internal sealed class Sample(Rollout rollout, string text, AnswerPlace place = AnswerPlace.Box)
{
    private bool? _isCorrect;

    public Rollout Rollout { get; } = rollout;

    public string Text { get; } = text;

    public Extraction Extraction { get; } = AnswerExtractor.Extract(text, place);

    /// <summary>Whether it ran into the token limit.</summary>
    public bool IsTruncated => Rollout.Finish == FinishReason.Length;

    /// <summary>Whether it has an answer that may vote.</summary>
    public bool IsAnswered => !IsTruncated && Extraction.Answer is not null;

    /// <summary>Whether the answer equals the vote. Says nothing about being correct.</summary>
    public bool Agrees { get; set; }

    /// <summary>Entropy in nats of the distribution that each token was drawn with; only where something asks for it.</summary>
    public float[] Entropies { get; set; } = [];

    /// <summary>What the reward measured of each token; only for rewards that do.</summary>
    public float[] TokenValues { get; set; } = [];

    /// <summary>Mean of <see cref="Entropies"/>; 0 where there are none.</summary>
    public double MeanEntropy => Entropies.Length == 0 ? 0 : Entropies.Average(entropy => (double)entropy);

    public double Reward { get; set; }

    /// <summary>How unlike the other answers it is, before that is scaled within the group; NaN where it was not compared, null where no answer is.</summary>
    public double? Novelty { get; set; }

    /// <summary>Where it comes from, for answers of a server; <see cref="Rollout"/> then has the policy's log-probabilities.</summary>
    public Served? Served { get; init; }

    /// <summary>The advantage, where the reward decides it itself; the answer then takes no part in any comparison.</summary>
    public double? FixedAdvantage { get; set; }

    /// <summary>Answers of a group with the same number here are compared with each other.</summary>
    public int Baseline { get; set; }

    public double Advantage { get; set; }

    /// <summary>
    /// Whether the answer equals the gold answer of its prompt: for the labelled baseline, and for logs of prompts that have one. Graded once.
    /// </summary>
    public bool IsCorrect(Prompt prompt) => _isCorrect ??= prompt.Answer is { } gold && Gives(gold);

    /// <summary>Whether it has an answer that may vote and equals a label.</summary>
    public bool Gives(string label) => IsAnswered && AreSame(label, Extraction.Answer!);

    /// <summary>Whether two answers are the same.</summary>
    public static bool AreSame(string label, string answer) => new Grader(label).GradeExtracted(answer).IsEqual;

    /// <summary>Whether it takes part in group statistics and loss.</summary>
    public bool Learns { get; set; }
}
