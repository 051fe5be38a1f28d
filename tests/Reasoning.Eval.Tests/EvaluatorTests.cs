using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;

namespace Reasoning.Eval.Tests;

public sealed class EvaluatorTests
{
    private static readonly EvalOptions s_options = new() { Samples = 4, Ks = [1, 4], Sampling = new() { MaxNewTokens = 12, Seed = 5 } };

    private static Prompt Sum(int number, string? answer = "3") => new($"sum-{number}", $"{number}+2=?", answer);

    [Fact]
    public void The_same_options_give_the_same_result_and_another_seed_another()
    {
        using Policy policy = TinyPolicy();
        var prompts = new PromptSet("memory", [Sum(1), Sum(2), Sum(3)]);
        string first = EvalFile.ToJson(Evaluator.Run(policy, prompts, s_options));
        Assert.Equal(first, EvalFile.ToJson(Evaluator.Run(policy, prompts, s_options with { Sampling = s_options.Sampling with { MaxBatch = 3 } })));
        Assert.NotEqual(first, EvalFile.ToJson(Evaluator.Run(policy, prompts, s_options with { Sampling = s_options.Sampling with { Seed = 6 } })));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.7)]
    public void The_temperature_of_an_entropy_is_found_again(double temperature)
    {
        using Policy policy = TinyPolicy();
        var prompts = new PromptSet("memory", [.. Enumerable.Range(1, 40).Select(i => Sum(i))]);
        double start = Entropy(1), wanted = Entropy(temperature);
        Assert.InRange(TemperatureMatch.Find(policy, prompts, s_options, start, wanted) / temperature, 0.93, 1.07);
        // Out of reach: the end of what is looked through.
        Assert.InRange(TemperatureMatch.Find(policy, prompts, s_options, start, 0), 1.0 / 16, 1.03 / 16);

        double Entropy(double at) => Evaluator.Run(
            policy, prompts, s_options with { Sampling = s_options.Sampling with { Temperature = at } }).TokenEntropy!.Value;
    }

    [Fact]
    public void A_prompt_is_judged_alike_whatever_stands_beside_it()
    {
        using Policy policy = TinyPolicy();
        ProblemResult together = Evaluator.Run(policy, new PromptSet("memory", [Sum(1), Sum(2), Sum(3)]), s_options).Problems[1];
        ProblemResult alone = Evaluator.Run(policy, new PromptSet("memory", [Sum(2)]), s_options).Problems[0];
        Assert.Equal(alone.MeanLength, together.MeanLength);
        Assert.Equal(alone.Class, together.Class);
        Assert.Equal(alone.Greedy, together.Greedy);
    }

    [Fact]
    public void Long_prompts_are_refused_by_name_and_never_cut()
    {
        using Policy policy = TinyPolicy();
        var prompts = new PromptSet("memory", [Sum(1), new Prompt("endless", new string('1', 200), "1"), Sum(3)]);
        EvalResult result = Evaluator.Run(policy, prompts, s_options);
        Assert.Equal(["sum-1", "sum-3"], result.Problems.Select(problem => problem.PromptId));
        RefusedPrompt refused = Assert.Single(result.Refused);
        Assert.Equal(("endless", 128 - 12), (refused.PromptId, refused.Allowed));
        Assert.True(refused.Tokens > refused.Allowed);

        var hopeless = new PromptSet("hopeless.jsonl", [prompts.Prompts[1]]);
        string message = Assert.Throws<UserErrorException>(() => Evaluator.Run(policy, hopeless, s_options)).Message;
        Assert.Contains("hopeless.jsonl", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_run_that_scores_nothing_shows_what_it_saw()
    {
        using Policy policy = TinyPolicy();
        EvalResult result = Evaluator.Run(policy, new PromptSet("memory", [.. Enumerable.Range(1, 7).Select(i => Sum(i))]), s_options);
        Assert.All(result.Problems, problem => Assert.Equal(0, problem.CorrectCount)); // random weights write no boxes
        Assert.Equal(5, result.Examples.Count);
        Assert.All(result.Examples, example => Assert.Equal("3", example.Gold));
        Assert.Equal("Question: 1+2=?\nAnswer:", result.FirstPrompt);
        Assert.Equal("Question: {prompt}\nAnswer:", result.Settings.PromptTemplate);
        Assert.Equal(28, result.Problems.Sum(problem => problem.Truncated + problem.Unparsed));
    }

    [Fact]
    public void Prompts_without_gold_answers_are_evaluated_without_accuracy()
    {
        using Policy policy = TinyPolicy();
        EvalResult result = Evaluator.Run(policy, new PromptSet("memory", [Sum(1, answer: null)]), s_options with { Greedy = false });
        Assert.Null(result.Problems[0].Correct);
        Assert.Null(result.Problems[0].Greedy);
        Assert.Empty(EvalSummary.Of(result).Accuracies);
        Assert.Empty(result.Examples);
    }

    [Fact]
    public void Gold_answers_that_cannot_be_read_are_named()
    {
        using Policy policy = TinyPolicy();
        EvalResult result = Evaluator.Run(policy, new PromptSet("memory", [Sum(1), Sum(2, @"\oint")]), s_options);
        Assert.Equal(["sum-2"], result.UnreadGold);
    }

    [Theory]
    [InlineData(0, 1, 1.0)]
    [InlineData(4, 5, 1.0)]
    [InlineData(4, 0, 1.0)]
    [InlineData(4, 1, 0.0)]
    public void Options_that_no_number_can_come_from_are_refused(int samples, int k, double temperature)
    {
        using Policy policy = TinyPolicy();
        EvalOptions options = s_options with { Samples = samples, Ks = [k], Sampling = s_options.Sampling with { Temperature = temperature } };
        Assert.Throws<UserErrorException>(() => Evaluator.Run(policy, new PromptSet("memory", [Sum(1)]), options));
    }

    [Fact]
    public void Another_engine_answers_and_is_named()
    {
        using Policy policy = TinyPolicy();
        var source = new ListSource(policy.Tokenizer.Encode(@"so \boxed{3}"));
        EvalResult result = Evaluator.Run(policy.Codec, source, new PromptSet("memory", [Sum(1), Sum(2, "4")]), s_options);
        Assert.Equal([1, 0], source.Asked.Select(options => options.Temperature));
        Assert.All(source.Asked, options => Assert.Equal((5ul, 0, 12), (options.Seed, options.Step, options.MaxNewTokens)));
        Assert.Equal([4, 0], result.Problems.Select(problem => problem.CorrectCount));
        Assert.EndsWith(", engine list", result.Settings.Describe(), StringComparison.Ordinal);
        Assert.Equal("own", Evaluator.Run(policy, new PromptSet("memory", [Sum(1)]), s_options).Settings.Engine);
    }

    [Fact]
    public void Judging_extracts_grades_and_votes()
    {
        Response[] responses =
        [
            new(@"so \boxed{0.5}", false, 10), new(@"so \boxed{\frac12}", false, 20), new(@"so \boxed{3}", false, 10), new(@"\boxed{1/2}", true, 40),
            new("no box", false, 10), new(@"\boxed{1/2", false, 10),
        ];
        ProblemResult result = ProblemJudge.Judge(new Prompt("p", "?", "1/2"), responses, responses[2]);
        Assert.Equal([true, true, false, false, false, false], result.Correct!);
        Assert.Equal([0, 0, 1, -1, -1, -1], result.Class);
        Assert.Equal("0.5", result.Winner);
        Assert.Equal((2, 1, 2), (result.WinnerVotes, result.Truncated, result.Unparsed));
        Assert.Equal(100 / 6.0, result.MeanLength, 12);
        Assert.Equal(new GreedyResult("3", false, false, 10), result.Greedy);
    }

    private static Policy TinyPolicy()
    {
        string json = BpeTrainer.Train(["Question: 1+2=?\nAnswer: 3", "Question: 7-4\nAnswer: 3"], 290, ["<|end|>"]);
        Tokenizer tokenizer = Tokenizer.Parse(json);
        int end = tokenizer.TokenToId("<|end|>")!.Value;
        var config = new ModelConfig
        {
            ModelType = "qwen3",
            HiddenSize = 32,
            IntermediateSize = 48,
            Layers = 2,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 16,
            VocabSize = tokenizer.VocabSize,
            MaxPositions = 128,
            TieWordEmbeddings = true,
            EosIds = [end],
        };
        return new Policy(CausalLM.Create(config, seed: 1), tokenizer, [new StopToken(end, "<|end|>", ["config.json"])]);
    }

    [Theory]
    [InlineData(60, 64, "lower max-new-tokens to at most 4, for the shortest prompt has 60 tokens")]
    [InlineData(63, 64, "lower max-new-tokens to at most 1, for the shortest prompt has 63 tokens")]
    [InlineData(64, 64, "the shortest prompt has 64 tokens: shorten the prompts, or take a model with more positions")]
    public void The_hint_says_what_helps(int shortest, int positions, string expected) => Assert.Equal(expected, Evaluator.MakeRoom(shortest, positions));
}
