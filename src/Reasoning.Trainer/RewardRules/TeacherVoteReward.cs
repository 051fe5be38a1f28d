using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.RewardRules;

/// <summary>
/// Co-rewarding-II (arXiv:2508.00410): the label is not the policy's own vote but that of a teacher, its slow average, which answers the
/// same prompts on its own.
/// <code>
/// θ' ← α θ + (1 − α) θ'        α of step t of T:  α_end + (α_start − α_end) ½ (1 + cos(π (t − 1) / T)), with θ before the update of t
/// </code>
/// The average is taken after the update of the step before, which is the same, so that a step that is interrupted while anyone samples
/// leaves no trace.
/// Deviations: the teacher's vote counts classes of equal answers and is a label only where it passes the gate of SCRL, while the code takes
/// the most common string; a prompt without one has advantages of exactly zero. The code also measures the divergence from the moving
/// teacher, here as everywhere it is that from the start model. Its teacher has 16 bits, which the later rates do not move at all.
/// </summary>
internal sealed class TeacherVoteReward : RewardRule
{
    public static readonly Metric LabelledShare =
        new("teacher_labelled_share", "share", "none", "Prompts whose teacher's vote passes the gate, so that its winner is a label.");
    public static readonly Metric LabelAccuracy =
        new("teacher_label_accuracy", "share", "up", "Those labels that equal the gold answer.");
    public static readonly Metric Disagreement = new(
        "teacher_disagreement", "share", "none", "Of prompts where the teacher has a label and the policy's vote a winner: those where the two differ.");

    private readonly Recipe _recipe;
    private readonly TeacherSettings _settings;
    private readonly VoteGate _gate;
    private readonly Learner _learner;
    private readonly TeacherWeights _teacher;
    private readonly Dictionary<PromptGroup, string?> _labels = [];

    private TeacherVoteReward(RewardContext context)
    {
        _recipe = context.Recipe;
        _settings = _recipe.Of<TeacherSettings>();
        _gate = _recipe.Of<GateSettings>().Gate;
        _learner = context.Learner ?? throw new InvalidOperationException("a teacher needs a learner to follow");
        _teacher = new TeacherWeights(_learner.Parameters);
    }

    public static RewardDeclaration Declaration { get; } = new(
        "teacher-vote", "1 if it equals the vote of an averaged teacher's own answers, where that is clear, else 0.",
        "Co-rewarding-II, arXiv:2508.00410", context => new TeacherVoteReward(context))
    {
        Settings = [new VoteSettings(), new GateSettings(), new TeacherSettings()],
        Metrics = [LabelledShare, LabelAccuracy, Disagreement],
        IsBinary = true,
        Header = recipe => ("teacher", Describe(recipe.Of<TeacherSettings>())),
    };

    public override IReadOnlyList<(string Name, Tensor Values)> Tensors => _teacher.Tensors;

    public override void SampleMore(IReadOnlyList<PromptGroup> groups, int step, CancellationToken cancel)
    {
        _labels.Clear();
        IReadOnlyList<PromptGroup> answers = [];
        _teacher.StandIn(_learner, () =>
        {
            // Numbers after the policy's: with the same ones a teacher that equals the policy would give the same answers.
            answers = GenerateSamples.From(
                _learner.Policy, [.. groups.Select(group => group.Prompt)], _recipe, step, null, cancel, _settings.TeacherSamples, _recipe.SamplesPerPrompt);
            if (VoteSettings.Weighs(_recipe)) Voting.MeasureEntropies(_learner.Policy.Model, answers, _recipe, _learner.Ranks);
        });
        foreach ((PromptGroup group, PromptGroup teachers) in groups.Zip(answers))
        {
            VoteResult vote = Voting.Of(teachers.Samples, _recipe);
            int label = _gate.Label(vote);
            _labels[group] = label < 0 ? null : vote.Answers[label];
        }
    }

    public override double[] Score(PromptGroup group)
    {
        if (_labels[group] is { } label) return [.. group.Samples.Select(sample => sample.Gives(label) ? 1.0 : 0)];
        foreach (Sample sample in group.Samples) sample.FixedAdvantage = 0;
        return new double[group.Samples.Count];
    }

    public override void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        meter.Mean(LabelledShare, _labels, pair => pair.Value is null ? 0 : 1);
        foreach ((PromptGroup group, string? label) in _labels)
        {
            if (label is null) continue;
            if (group.Prompt.Answer is { } gold) meter.Mean(LabelAccuracy, Sample.AreSame(gold, label) ? 1 : 0, 1);
            if (group.Vote?.Winner is { } winner) meter.Mean(Disagreement, Sample.AreSame(label, winner) ? 0 : 1, 1);
        }
    }

    public override void EndStep(int step) => _teacher.Follow(1 - Rate(_settings, step + 1, _recipe.Steps));

    public override void Dispose()
    {
        base.Dispose();
        _teacher.Dispose();
    }

    /// <summary>α of a step, counted from 1.</summary>
    internal static double Rate(TeacherSettings settings, int step, int steps)
    {
        double done = Math.Clamp((step - 1.0) / Math.Max(1, steps), 0, 1);
        return settings.TeacherFinalRate + ((settings.TeacherRate - settings.TeacherFinalRate) * 0.5 * (1 + Math.Cos(Math.PI * done)));
    }

    private static string Describe(TeacherSettings settings) =>
        $"an average of what learns, in float32; {settings.TeacherSamples} answers of its own to each prompt, "
        + $"rate {Cli.Show.Number(settings.TeacherRate)} falling to {Cli.Show.Number(settings.TeacherFinalRate)}";
}

/// <summary>Settings of an averaged teacher that votes.</summary>
internal sealed record TeacherSettings : MethodSettings
{
    [Setting("answers", "Answers of the teacher to each prompt.", Min = 2, Max = 65536)]
    public int TeacherSamples { get; init; } = 8;

    [Setting("share", "Share of the policy that is averaged into the teacher in each step, at the start of the run.", Min = 0, Max = 1)]
    public double TeacherRate { get; init; } = 0.01;

    [Setting("share", "The same at the end of the run; between them it follows half a cosine.", Min = 0, Max = 1)]
    public double TeacherFinalRate { get; init; } = 1e-5;
}
