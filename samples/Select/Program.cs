// Keeps the prompts with answers that a model solves so well and no better, by what `reasoning eval --out RESULTS` wrote of it: pass@1 from
// 0.2 to 0.8 are those that it half knows, maj@32 from 0 to 0 those on which the vote of 32 is wrong.
//   dotnet run -c Release --project samples/Select -- PROMPTS RESULTS METRIC LOW HIGH SUBSET
using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Prompts;

if (args is not [string file, string results, string name, string least, string most, string subset])
{
    Console.Error.WriteLine("give prompts, the --out of an eval, a metric of it such as pass@1, its least and its most value, and the file to write");
    return 2;
}

try
{
    var prompts = PromptSet.Load(file);
    EvalResult result = EvalFile.Read(results);
    Metric metric = EvalSummary.Of(result).Find(name) ?? throw new UserErrorException($"{results}: no {name} in it");
    (double low, double high) = (Number(least), Number(most));
    HashSet<string> kept =
    [
        .. result.Problems.Where(problem => problem.Correct is not null).Zip(metric.PerProblem)
            .Where(scored => scored.Second >= low && scored.Second <= high).Select(scored => scored.First.PromptId),
    ];
    PromptSet.Write(subset, prompts.Prompts.Where(prompt => kept.Contains(prompt.Id)));
    Console.WriteLine($"{kept.Count} of {metric.PerProblem.Length} prompts have {name} from {least} to {most}");
    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static double Number(string text) =>
    double.TryParse(text, CultureInfo.InvariantCulture, out double number) ? number : throw new UserErrorException($"{text}: not a number");
