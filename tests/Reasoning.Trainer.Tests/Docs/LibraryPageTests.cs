using System.Runtime.CompilerServices;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Grading;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>
/// The code of docs/library.md is the bodies of <see cref="Run"/> and <see cref="Adapt"/> below, line by line, each behind a first line that names
/// the files; so it compiles.
/// </summary>
public sealed class LibraryPageTests
{
    private const int MostLines = 15;

    [Fact]
    public async Task The_page_of_the_library_compiles_and_runs()
    {
        string[][] blocks = [.. File.ReadAllText(Repository.Path("docs/library.md")).Split("```csharp\n").Skip(1).Select(text => text.Split("\n```")[0].Split('\n'))];
        Assert.All(blocks, block => Assert.StartsWith("string model = ", block[0]));
        Assert.All(blocks, block => Assert.InRange(block.Length, 1, MostLines));
        Assert.Equal([Body("void Run("), Body("async Task Adapt(")], blocks.Select(block => block[1..]));

        using var folder = new TempFolder();
        using var output = new StringWriter();
        Run(TinyModel.Folder, TinyModel.Prompts(folder), output);
        string[] lines = output.ToString().Split('\n');
        Assert.Matches(@"^p0: \d of 8 right, gold 1; the vote says [1-4] with \d votes$", lines[0]);
        Assert.Contains("pass@4", output.ToString());

        output.GetStringBuilder().Clear();
        string run = folder.File("run");
        await Adapt(TinyModel.Folder, TinyModel.Prompts(folder), run, null, output, TestContext.Current.CancellationToken);
        Assert.StartsWith("target: ", output.ToString());
        Assert.Contains($"Done after step 2; model {Path.Combine(run, "model")}", output.ToString());
    }

#pragma warning disable IDE0079, IDE0007, IDE0008, IDE0022 // As a reader would write it.
    private static void Run(string model, string file, StringWriter Console)
    {
        using var policy = Policy.Load(model);
        var prompts = PromptSet.Load(file);
        var sampling = new SamplingOptions { Temperature = 0.6, TopP = 0.95, MaxNewTokens = 100, Seed = 1 };
        foreach (Prompt prompt in prompts.Prompts.Take(2))
        {
            Rollout[] rollouts = policy.Generator.Generate([policy.Request(prompt, samples: 8)], sampling)[0];
            var grader = new Grader(gold: prompt.Answer!);
            int right = rollouts.Count(one => grader.GradeResponse(policy.Text(one)).IsEqual);
            Ballot[] ballots = [.. rollouts.Select(one => new Ballot(AnswerExtractor.Extract(policy.Text(one)).Answer, one.Finish == FinishReason.Length))];
            VoteResult vote = MajorityVote.Vote(ballots);
            Console.WriteLine($"{prompt.Id}: {right} of 8 right, gold {grader.Gold.Raw}; the vote says {vote.Winner} with {vote.WinnerVotes} votes");
        }
        EvalResult result = Evaluator.Run(policy, prompts, new EvalOptions { Samples = 4, Ks = [1, 4], Sampling = sampling });
        Console.WriteLine(EvalTable.Render("shifted", EvalSummary.Of(result)));
    }

    private static async Task Adapt(
        string model, string file, string folder, IProgress<RunProgress>? progress, StringWriter Console, CancellationToken cancellation)
    {
        EffectiveRecipe recipe = EffectiveRecipe.Load("ttrl", "steps=2", "max-new-tokens=100", "eval-samples=4");
        var request = new TrainRequest { Model = model, Prompts = file, Recipe = recipe, Out = folder };
        TrainResult result = await Adaptation.RunAsync(request, progress, cancellation);
        foreach (EvalComparison set in result.Comparisons) Console.WriteLine($"{set.Name}: {Verdict.Of(set).Text}");
        Console.WriteLine($"{result.End} after step {result.Step}; model {result.Model}");
    }
#pragma warning restore IDE0079, IDE0007, IDE0008, IDE0022

    private static string[] Body(string method, [CallerFilePath] string thisFile = "")
    {
        const string Margin = "        ";
        return
        [
            .. File.ReadLines(thisFile).SkipWhile(line => !line.Contains($"private static {method}", StringComparison.Ordinal)).SkipWhile(line => line != "    {").Skip(1)
                .TakeWhile(line => line != "    }").Select(line => line.Length < Margin.Length ? "" : line[Margin.Length..]),
        ];
    }
}
