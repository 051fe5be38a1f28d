using Reasoning.Eval.Results;
using Reasoning.Grading;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Evaluation;

namespace Reasoning.Trainer.Reports;

/// <summary>The answers of training: those of three steps as text, by prompt and class of the vote, the others counted.</summary>
internal sealed class SamplesPart
{
    /// <summary>Characters that answers in full may take.</summary>
    public const int Room = 1_750_000;

    /// <summary>Lines that count the answers to a prompt in the steps between.</summary>
    private const int MostSteps = 400, MostPrompts = 12;

    private readonly RunData _run;
    private readonly SampleLog _log;
    private readonly Dictionary<string, Prompt> _prompts;
    private readonly Dictionary<string, string> _gold;

    public SamplesPart(RunData run, SampleLog log)
    {
        (_run, _log) = (run, log);
        _prompts = RunData.Prompts(run.Record.Prompts)?.ToDictionary(prompt => prompt.Id) ?? [];
        _gold = _prompts.Values.Where(prompt => prompt.Answer is not null).ToDictionary(prompt => prompt.Id, prompt => prompt.Answer!);
        foreach (ProblemResult problem in run.Base.Where(one => one.Set == RecordedComparisons.Sets[0]).SelectMany(one => one.Result.Problems).Where(problem => problem.Gold is not null))
            _gold.TryAdd(problem.PromptId, problem.Gold!);
    }

    public Html Draw()
    {
        LoggedGroup[] groups = [.. _log.Groups];
        if (groups.Length == 0) return $"<section class=\"set\"><h3>Answers of training</h3><p>None is logged (log-samples-every is {_run.Recipe.LogSamplesEvery}).</p></section>";
        IGrouping<int, LoggedGroup>[] others = [.. groups.GroupBy(group => group.Step).Where(step => !_log.FullSteps.Contains(step.Key))];
        int every = (others.Length + MostSteps - 1) / MostSteps;
        IGrouping<int, LoggedGroup>[] shown = [.. others.Where((_, i) => i % every == 0)];
        string file = Path.GetFileName(_run.Folder.SamplesFile);
        return $"""
            <section class="set"><h3>Answers of training</h3>
            <p class="note">In full: the first, the middle and the last logged step{(_log.IsWhole ? "" : $", as many answers of each prompt as {Room / 1000:0} kB hold")}. Everything else is counted
            below{(shown.Length < others.Length ? $", {shown.Length} of {others.Length} steps" : "")}; all answers with their ids and log-probabilities stand in {file}, at the lines that are named.</p>
            {_log.FullSteps.Select(step => Step(step, [.. groups.Where(group => group.Step == step)]))}
            {(shown.Length == 0 ? null : (Html)$"""<details class="list"><summary>The steps between ({others.Length})</summary><ul class="counts">{shown.Select(Counts)}</ul></details>""")}</section>
            """;
    }

    private static Html Counts(IGrouping<int, LoggedGroup> step)
    {
        LoggedGroup[] groups = [.. step];
        string rest = groups.Length > MostPrompts ? $", and {groups.Length - MostPrompts} prompts more" : "";
        string right = groups.All(group => group.Correct is null) ? "" : $", {groups.Sum(group => group.Correct ?? 0)} right";
        return $"""
            <li>Step {step.Key}: {groups.Sum(group => group.Answers)} answers, {groups.Sum(group => group.Agreeing)} agree{right}, {groups.Sum(group => group.Truncated)} truncated, lines {groups[0].FirstLine.ToString()}–{groups[^1].LastLine.ToString()}
            <small>{string.Join(", ", groups.Take(MostPrompts).Select(group => $"{group.PromptId} {group.Agreeing}{(group.Correct is { } correct ? $"/{correct}" : "")}"))}{rest}</small></li>
            """;
    }

    private Html Step(int step, LoggedGroup[] groups)
    {
        ILookup<string, LoggedSample> samples = _log.Full(step).ToLookup(sample => sample.PromptId);
        return $"""
            <details class="list"><summary>Step {step}: {groups.Length} prompts, {groups.Sum(group => group.Answers)} answers</summary><p class="note">Agree: equal to the vote. Right: equal to the gold answer{(_run.Recipe.UsesGold ? "" : ", which training never sees")}.</p>
            {groups.Where(group => samples.Contains(group.PromptId)).Select(group => Prompt(group, [.. samples[group.PromptId].OrderBy(sample => sample.Sample)]))}</details>
            """;
    }

    private Html Prompt(LoggedGroup group, LoggedSample[] samples)
    {
        VoteResult vote = MajorityVote.Vote([.. samples.Select(sample => new Ballot(sample.Answer, sample.IsTruncated))]);
        string? gold = _gold.GetValueOrDefault(group.PromptId);
        string counts = group.ToString()[$"step {group.Step}: ".Length..], shown = samples.Length < group.Answers ? $"; the first {samples.Length} here" : "";
        return $"""
            <details class="problem"><summary><b>{group.PromptId}</b> {counts}{shown}</summary><div>{(_prompts.GetValueOrDefault(group.PromptId) is { } prompt ? (Html)$"<p class=\"text\">{Cut(prompt.Text)}</p>" : null)}
            {(gold is null ? null : (Html)$"<p>Gold answer: {gold}</p>")}{samples.Select((sample, i) => (Sample: sample, Class: vote.Class[i])).GroupBy(one => one.Class)
                .OrderByDescending(same => same.Key >= 0 ? vote.Votes[same.Key] : -1).Select(same => Class(same.Key, [.. same.Select(one => one.Sample)], vote, gold))}</div></details>
            """;
    }

    private static Html Class(int number, LoggedSample[] samples, VoteResult vote, string? gold)
    {
        if (number < 0) return $"<h4>No vote × {samples.Length}</h4>{samples.Select(sample => Sample(sample, sample.IsTruncated ? "truncated" : sample.Answer is null ? "no answer" : "not read"))}";
        string answer = vote.Answers[number];
        string verdict = gold is null ? "" : "; " + new Grader(gold).Explain(answer).Last(line => !line.StartsWith(' '));
        return $"<h4>{Cut(answer)} × {samples.Length} <small>read as {Cut(Answer.Parse(answer).ToString())}{verdict}</small></h4>{samples.Select(sample => Sample(sample, sample.Agrees ? "agrees" : ""))}";
    }

    private static Html Sample(LoggedSample sample, string what)
    {
        string[] facts =
        [
            $"#{sample.Sample}", what, sample.IsCorrect == true ? "right" : "", Fact("reward", sample.Reward), Fact("advantage", sample.Advantage), Fact("novelty", sample.Novelty), $"{sample.Ids.Count} tokens",
        ];
        return $"<details class=\"s\"><summary>{string.Join(" · ", facts.Where(fact => fact.Length > 0))}</summary><pre>{sample.Text}</pre><details><summary>ids</summary><code>{string.Join(' ', sample.Ids)}</code></details></details>";
    }

    private static string Fact(string name, double? value) => value is { } number ? $"{name} {Table.Show(number, Form.Number)}" : "";

    private static string Cut(string text) => text.Length <= ProblemsPart.LongestText ? text : $"{text[..ProblemsPart.LongestText]} … and {text.Length - ProblemsPart.LongestText} characters more";
}
