using Reasoning.Eval.Results;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;

namespace Reasoning.Eval;

/// <summary>
/// Evaluates a policy on a set of prompts: samples, extracts, grades, votes. A draw depends on seed, step, prompt id and sample number
/// only, so the same options before and after training use the same draws.
/// </summary>
public static class Evaluator
{
    private const int Examples = 5;

    /// <summary>Evaluates a policy, by its own source of answers.</summary>
    /// <inheritdoc cref="Run(PolicyCodec, IRolloutSource, PromptSet, EvalOptions, Action{GenerationProgress}?, CancellationToken)"/>
    public static EvalResult Run(
        Policy policy, PromptSet prompts, EvalOptions options, Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return Run(policy.Codec, policy.Source, prompts, options, progress, cancel);
    }

    /// <summary>Runs an evaluation.</summary>
    /// <param name="codec">From prompts to ids and back.</param>
    /// <param name="source">What answers.</param>
    /// <param name="prompts">The prompts; gold answers are optional.</param>
    /// <param name="options">How to sample.</param>
    /// <param name="progress">Told after every decoding step, first of the samples, then of the greedy answers.</param>
    /// <param name="cancel">Stops the evaluation.</param>
    /// <exception cref="UserErrorException">An option is out of range, or every prompt is too long.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static EvalResult Run(
        PolicyCodec codec, IRolloutSource source, PromptSet prompts, EvalOptions options, Action<GenerationProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(codec);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();

        var refused = new List<RefusedPrompt>();
        List<(Prompt Prompt, int[] Ids)> fitting = Render(codec, prompts, options.Sampling.MaxNewTokens, refused);
        IReadOnlyList<Rollout[]> samples = Sample(options.Samples, options.Sampling.Temperature);
        IReadOnlyList<Rollout[]>? greedy = options.Greedy ? Sample(1, 0) : null;

        var problems = new List<ProblemResult>(fitting.Count);
        for (int i = 0; i < fitting.Count; i++)
        {
            Response? single = greedy is null ? null : View(greedy[i][0]);
            problems.Add(ProblemJudge.Judge(fitting[i].Prompt, [.. samples[i].Select(View)], single, options.AnswerPlace));
        }
        return new EvalResult
        {
            Settings = Settings(codec, source.Engine, prompts, options),
            Problems = problems,
            TokenEntropy = Entropy(),
            LargeTokenShare = source is AdaptiveGenerator ? LargeShare() : null,
            Refused = refused,
            UnreadGold = [.. prompts.Prompts.Where(HasUnreadGold).Select(prompt => prompt.Id)],
            FirstPrompt = codec.Tokenizer.Decode(fitting[0].Ids, skipSpecialTokens: false),
            Examples = ScoresNothing(problems) ? ExamplesOf() : [],
        };

        IReadOnlyList<Rollout[]> Sample(int count, double temperature) => source.Generate(
            [.. fitting.Select(item => new GenerationRequest(item.Prompt.Id, item.Ids, count))],
            options.Sampling with { Temperature = temperature },
            progress, cancel);

        double LargeShare() => samples.Sum(answers => answers.Sum(rollout => (double)rollout.LargeTokens))
            / samples.Sum(answers => answers.Sum(rollout => (double)rollout.Ids.Length));

        double? Entropy()
        {
            Rollout[] all = [.. samples.SelectMany(answers => answers)];
            double tokens = all.Sum(rollout => (double)rollout.LogProbs.Length);
            return tokens > 0 ? -all.Sum(rollout => rollout.LogProbs.Sum(p => (double)p)) / tokens : null;
        }

        Response View(Rollout rollout) => new(codec.Text(rollout), rollout.Finish == FinishReason.Length, rollout.Ids.Length);

        List<GradedExample> ExamplesOf() =>
        [
            .. fitting.Select((item, i) => (item.Prompt, Text: codec.Text(samples[i][0])))
                .Where(item => item.Prompt.Answer is not null)
                .Take(Examples)
                .Select(item => new GradedExample(item.Prompt.Id, item.Text, AnswerExtractor.Extract(item.Text, options.AnswerPlace).Answer, item.Prompt.Answer!)),
        ];
    }

    /// <summary>What helps where no prompt fits.</summary>
    /// <param name="shortest">Tokens of the shortest prompt.</param>
    /// <param name="positions">Positions of the model.</param>
    public static string MakeRoom(int shortest, int positions) => shortest < positions
        ? $"lower max-new-tokens to at most {positions - shortest}, for the shortest prompt has {shortest} tokens"
        : $"the shortest prompt has {shortest} tokens: shorten the prompts, or take a model with more positions";

    private static List<(Prompt Prompt, int[] Ids)> Render(PolicyCodec codec, PromptSet prompts, int maxNewTokens, List<RefusedPrompt> refused)
    {
        int allowed = codec.Config.MaxPositions - maxNewTokens;
        var fitting = new List<(Prompt, int[])>(prompts.Prompts.Count);
        foreach (Prompt prompt in prompts.Prompts)
        {
            int[] ids = codec.Render(prompt);
            if (ids.Length <= allowed) fitting.Add((prompt, ids));
            else refused.Add(new RefusedPrompt(prompt.Id, ids.Length, Math.Max(allowed, 0)));
        }
        if (fitting.Count > 0) return fitting;
        throw new UserErrorException(
            $"{prompts.Path}: none of the {refused.Count} prompts leaves room for {maxNewTokens} new tokens in the model's "
            + $"{codec.Config.MaxPositions} positions; {MakeRoom(refused.Min(prompt => prompt.Tokens), codec.Config.MaxPositions)}");
    }

    private static bool HasUnreadGold(Prompt prompt) => prompt.Answer is { } gold && !Grader.ReadAnswer(gold).IsReadable;

    private static bool ScoresNothing(List<ProblemResult> problems) =>
        problems.Exists(problem => problem.Correct is not null) && problems.TrueForAll(problem => problem.CorrectCount == 0);

    /// <summary>What the numbers of an evaluation will depend on beside the weights.</summary>
    /// <inheritdoc cref="Run(PolicyCodec, IRolloutSource, PromptSet, EvalOptions, Action{GenerationProgress}?, CancellationToken)" path="/param"/>
    /// <param name="engine">What computes the answers.</param>
    public static EvalSettings Settings(PolicyCodec codec, string engine, PromptSet prompts, EvalOptions options) => new()
    {
        Prompts = prompts.Path,
        PromptsHash = prompts.Hash,
        PromptTemplate = codec.Format.Template,
        Engine = engine,
        Samples = options.Samples,
        Ks = options.Ks,
        Temperature = options.Sampling.Temperature,
        TopP = options.Sampling.TopP,
        TopK = options.Sampling.TopK,
        MaxNewTokens = options.Sampling.MaxNewTokens,
        Seed = options.Sampling.Seed,
        Step = options.Sampling.Step,
        AnswerPlace = options.AnswerPlace,
        EntropyMinimization = options.Sampling.EntropyMinimization,
    };
}
