// Evaluates a model on prompts with answers, or two models on the same prompts with the same draws:
//   dotnet run -c Release --project samples/Evaluate -- PROMPTS MODEL [ADAPTED]
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;

if (args is not [string file, string model, .. { Length: <= 1 } more])
{
    Console.Error.WriteLine("give a file of prompts, and one or two models");
    return 2;
}

try
{
    var prompts = PromptSet.Load(file);
    var sampling = new SamplingOptions { Temperature = 0.6, TopP = 0.95, MaxNewTokens = 100, Seed = 1 };
    var options = new EvalOptions { Samples = 4, Ks = [1, 4], Sampling = sampling };
    EvalResult before = Evaluate(model);
    Console.WriteLine(more is [string adapted]
        ? EvalTable.Render([new EvalComparison("both", before, Evaluate(adapted))])
        : EvalTable.Render("one", EvalSummary.Of(before)));
    return 0;

    EvalResult Evaluate(string folder)
    {
        using var policy = Policy.Load(folder);
        return Evaluator.Run(policy, prompts, options);
    }
}
catch (UserErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
