using Reasoning.Eval.Results;
using Reasoning.Models.Generation;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Reports;

/// <summary>The folder of a run that nobody trained, of any size, written by what writes those of real runs.</summary>
internal sealed class MadeRun
{
    private const int PromptsPerStep = 32;

    private readonly Random _random;
    private readonly EffectiveRecipe _recipe;
    private readonly Prompt[] _prompts;
    private readonly double _gain;

    /// <param name="folder">Where it goes.</param>
    /// <param name="recipe">A shipped one.</param>
    /// <param name="seed">Of the run, and of what is made up.</param>
    /// <param name="gain">How much more often the adapted model is right.</param>
    /// <param name="problems">Of each set.</param>
    /// <param name="set">Settings of the command line.</param>
    public MadeRun(string folder, string recipe = "ttrl", int seed = 1, double gain = 0.05, int problems = 256, params (string Key, string Value)[] set)
    {
        _random = new Random(seed);
        _gain = gain;
        Directory.CreateDirectory(folder);
        Run = new RunFolder(folder);
        _recipe = EffectiveRecipe.Build(RecipeFile.Load(recipe), [.. set.Select(one => (one.Key, one.Value, "--set")), ("seed", $"{seed}", "--seed")]);
        _prompts = [.. Enumerable.Range(0, problems).Select(i => new Prompt(
            $"shifted-{i:D3}", $"A baker has {40 + i} trays with {12 + (i % 7)} rolls each and sells {100 + (3 * i)} of them in the morning. How many rolls are left for the rest of the day?",
            $"{((40 + i) * (12 + (i % 7))) - 100 - (3 * i)}"))];
        string prompts = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(folder))!, "prompts.jsonl");
        PromptSet.Write(prompts, _prompts);
        RecordedFile file = new(prompts, PromptSet.Load(prompts).Hash, problems);
        new RunRecord
        {
            Recipe = recipe,
            Settings = RunRecord.Record(_recipe),
            Model = new RecordedFile("checkpoints/starter", new string('5', 32)),
            Prompts = file,
            Heldout = file,
            Source = file,
            Started = [new DateTimeOffset(2026, 11, 27, 4, 0, 0, TimeSpan.Zero)],
        }.Write(Run);
        foreach (string set2 in (string[])[RunFolder.TargetSet, "held-out", "source"])
        {
            EvalFile.Write(Run.EvalFile("base", set2), Evaluated(0));
            EvalFile.Write(Run.EvalFile("adapted", set2), Evaluated(set2 == RunFolder.TargetSet ? gain : gain / 4));
        }
    }

    public RunFolder Run { get; }

    /// <summary>Logs steps.</summary>
    /// <param name="steps">How many.</param>
    /// <param name="answers">Of each.</param>
    /// <param name="everySample">Samples are logged every so many steps.</param>
    /// <param name="text">What every answer says; null for something ordinary.</param>
    public MadeRun Log(int steps, int answers, int everySample = 1, string? text = null)
    {
        var online = new OnlineCount();
        for (int step = 1; step <= steps; step++)
        {
            double progress = (double)step / steps;
            int each = answers / PromptsPerStep;
            PromptGroup[] groups = [.. Enumerable.Range(0, PromptsPerStep).Select(i => Group(_prompts[((step * PromptsPerStep) + i) % _prompts.Length], each, 0.45 + (_gain * progress), text))];
            using var meter = new Meter();
            MeasureGroups.Into(meter, groups, online);
            MeasureGroups.Rewards(meter, groups);
            meter.Mean(Metrics.Entropy, 0.5 * Math.Exp(-progress) * (1 + (0.1 * _random.NextDouble())), 1);
            meter.Mean(Metrics.ProbeDistance, progress * 0.2, 1);
            meter.Mean(Metrics.ProbeLogitNorm, 1 + (0.02 * progress), 1);
            meter.Mean(Metrics.GradNorm, 0.5 + (0.5 * _random.NextDouble()), 1);
            foreach (Measures.Metric metric in (Measures.Metric[])[Metrics.SamplingSeconds, Metrics.JudgingSeconds, Metrics.UpdateSeconds]) meter.Sum(metric, 1 + _random.NextDouble());
            meter.Set(Metrics.TokensPerSecond, 1500 + (100 * _random.NextDouble()));
            LogStep.To(Run, _recipe.Recipe with { LogSamplesEvery = everySample, Tensorboard = false }, step, groups, meter);
        }

        return this;
    }

    /// <summary>Adds an alarm of the guard.</summary>
    public MadeRun Alarm(int step, string alarm, string action)
    {
        JsonLines.Append(Run.GuardFile, step, [alarm], (writer, text) =>
        {
            writer.WriteString("alarm", text);
            writer.WriteString("action", action);
        });
        return this;
    }

    private PromptGroup Group(Prompt prompt, int answers, double right, string? text)
    {
        var group = new PromptGroup(prompt, [.. Enumerable.Range(0, answers).Select(i => Sample(prompt, i, right, text))]);
        group.Vote = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))]);
        for (int i = 0; i < answers; i++)
        {
            group.Samples[i].Learns = true;
            group.Samples[i].Agrees = group.Vote.Agrees[i];
            group.Samples[i].Reward = group.Vote.Rewards[i];
            group.Samples[i].Advantage = group.Vote.Rewards[i] - group.Vote.Share;
        }

        return group;
    }

    private Sample Sample(Prompt prompt, int number, double right, string? text)
    {
        string answer = _random.NextDouble() < right ? prompt.Answer! : $"{int.Parse(prompt.Answer!) + _random.Next(1, 4)}";
        text ??= $"There are {_random.Next(40, 300)} trays, so {_random.Next(40, 300)} rolls in all.\nOf these {_random.Next(100, 900)} are sold in the morning.\nWhat is left is \\boxed{{{answer}}}";
        int[] ids = [.. Enumerable.Range(0, 50 + _random.Next(20)).Select(_ => _random.Next(2000))];
        return new Sample(new Rollout(prompt.Id, number, [1], ids, new float[ids.Length], _random.Next(40) == 0 ? FinishReason.Length : FinishReason.Stop), text);
    }

    private EvalResult Evaluated(double gain) => new()
    {
        Settings = new EvalSettings
        {
            Prompts = "prompts.jsonl",
            PromptsHash = new string('7', 32),
            PromptTemplate = "t",
            Samples = 16,
            Ks = [1, 16],
            Temperature = 0.6,
            TopP = 0.95,
            TopK = 0,
            MaxNewTokens = 160,
            Seed = 1,
            Step = -1,
        },
        Problems = [.. _prompts.Select((prompt, i) => Problem(prompt, Math.Clamp((i % 11 / 10.0) + (gain * 2 * _random.NextDouble()), 0, 1)))],
    };

    private ProblemResult Problem(Prompt prompt, double right)
    {
        string[] answers = [.. Enumerable.Range(0, 16).Select(_ => _random.NextDouble() < right ? prompt.Answer! : $"{int.Parse(prompt.Answer!) + _random.Next(1, 5)}")];
        bool isCut = _random.Next(60) == 0;
        VoteResult vote = MajorityVote.Vote([.. answers.Select((answer, i) => new Ballot(answer, isCut && i == 0))]);
        return new ProblemResult
        {
            PromptId = prompt.Id,
            Gold = prompt.Answer,
            Correct = [.. answers.Select((answer, i) => answer == prompt.Answer && !(isCut && i == 0))],
            Class = vote.Class,
            Answers = vote.Answers,
            Winner = vote.Winner,
            WinnerVotes = vote.WinnerVotes,
            Tie = vote.Tie,
            Truncated = vote.Truncated,
            Unparsed = 0,
            MeanLength = 50 + (10 * _random.NextDouble()),
            Greedy = new GreedyResult(vote.Winner, vote.Winner == prompt.Answer, false, 55),
        };
    }
}
