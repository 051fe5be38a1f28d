using Reasoning.Models;
using Reasoning.Rewards;

namespace Reasoning.Eval;

/// <summary>
/// Evaluates a policy on a set of prompts: samples, extracts, grades, votes. A draw depends on seed, step, prompt id and sample number
/// only, so the same options before and after training use the same draws.
/// </summary>
public static class Evaluator
{
    private const int Examples = 5;

    /// <summary>Runs an evaluation.</summary>
    /// <param name="policy">Model and tokenizer.</param>
    /// <param name="prompts">The prompts; gold answers are optional.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="progress">Told after every decoding step, first of the samples, then of the greedy answers.</param>
    /// <param name="cancel">Stops the evaluation.</param>
    /// <exception cref="UserErrorException">An option is out of range, or every prompt is too long.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvalResult Run(
        Policy policy, PromptSet prompts, EvalOptions options, Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        EvalOptionsCheck.Check(options);

        var refused = new List<RefusedPrompt>();
        List<(Prompt Prompt, int[] Ids)> fitting = Render(policy, prompts, options.MaxNewTokens, refused);
        IReadOnlyList<Rollout[]> samples = Sample(options.Samples, options.Temperature);
        IReadOnlyList<Rollout[]>? greedy = options.Greedy ? Sample(1, 0) : null;

        var problems = new List<ProblemResult>(fitting.Count);
        for (int i = 0; i < fitting.Count; i++)
        {
            Response? single = greedy is null ? null : View(greedy[i][0]);
            problems.Add(ProblemJudge.Judge(fitting[i].Prompt, [.. samples[i].Select(View)], single));
        }
        return new EvalResult
        {
            Settings = Settings(policy, prompts, options),
            Problems = problems,
            Refused = refused,
            UnreadGold = [.. prompts.Prompts.Where(HasUnreadGold).Select(prompt => prompt.Id)],
            FirstPrompt = policy.Tokenizer.Decode(fitting[0].Ids, skipSpecialTokens: false),
            Examples = ScoresNothing(problems) ? ExamplesOf() : [],
        };

        IReadOnlyList<Rollout[]> Sample(int count, double temperature) => policy.Generator.Generate(
            [.. fitting.Select(item => new GenerationRequest(item.Prompt.Id, item.Ids, count))],
            new SamplingOptions
            {
                Temperature = temperature,
                TopP = options.TopP,
                TopK = options.TopK,
                MaxNewTokens = options.MaxNewTokens,
                Seed = options.Seed,
                Step = options.Step,
                MaxBatch = options.MaxBatch,
            },
            progress, cancel);

        Response View(Rollout rollout) => new(policy.Text(rollout), rollout.Finish == FinishReason.Length, rollout.Ids.Length);

        List<GradedExample> ExamplesOf() =>
        [
            .. fitting.Select((item, i) => (item.Prompt, Text: policy.Text(samples[i][0])))
                .Where(item => item.Prompt.Answer is not null)
                .Take(Examples)
                .Select(item => new GradedExample(item.Prompt.Id, item.Text, AnswerExtractor.Extract(item.Text).Answer, item.Prompt.Answer!)),
        ];
    }

    private static List<(Prompt Prompt, int[] Ids)> Render(Policy policy, PromptSet prompts, int maxNewTokens, List<RefusedPrompt> refused)
    {
        int allowed = policy.Model.Config.MaxPositions - maxNewTokens;
        var fitting = new List<(Prompt, int[])>(prompts.Prompts.Count);
        foreach (Prompt prompt in prompts.Prompts)
        {
            int[] ids = policy.Render(prompt);
            if (ids.Length <= allowed) fitting.Add((prompt, ids));
            else refused.Add(new RefusedPrompt(prompt.Id, ids.Length, Math.Max(allowed, 0)));
        }
        if (fitting.Count > 0) return fitting;
        throw new UserErrorException(
            $"{prompts.Path}: none of the {refused.Count} prompts leaves room for {maxNewTokens} new tokens in the model's "
            + $"{policy.Model.Config.MaxPositions} positions (shortest prompt: {refused.Min(prompt => prompt.Tokens)} tokens); lower max-new-tokens");
    }

    private static bool HasUnreadGold(Prompt prompt) => prompt.Answer is { } gold && !Grader.ReadAnswer(gold).IsReadable;

    private static bool ScoresNothing(List<ProblemResult> problems) =>
        problems.Exists(problem => problem.Correct is not null) && problems.TrueForAll(problem => problem.CorrectCount == 0);

    private static EvalSettings Settings(Policy policy, PromptSet prompts, EvalOptions options) => new()
    {
        Prompts = prompts.Path,
        PromptsHash = prompts.Hash,
        PromptTemplate = policy.PromptTemplate,
        Samples = options.Samples,
        Ks = options.Ks,
        Temperature = options.Temperature,
        TopP = options.TopP,
        TopK = options.TopK,
        MaxNewTokens = options.MaxNewTokens,
        Seed = options.Seed,
        Step = options.Step,
    };
}
