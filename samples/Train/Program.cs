// Adapts a model to prompts without labels, and says what that did:
//   dotnet run -c Release --project samples/Train -- MODEL PROMPTS RUN [SETTING=VALUE …]
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

if (args is not [string model, string prompts, string folder, .. string[] settings])
{
    Console.Error.WriteLine("give a model, a file of prompts and a folder for the run");
    return 2;
}

using var source = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    source.Cancel();
};

try
{
    var request = new TrainRequest { Model = model, Prompts = prompts, Out = folder, Recipe = EffectiveRecipe.Load("ttrl", settings) };
    var progress = new Progress<RunProgress>(at => Console.Error.WriteLine($"{at.Phase} {at.Step}/{at.Steps} {at.Line}"));
    TrainResult result = await Adaptation.RunAsync(request, progress, source.Token);
    foreach (EvalComparison set in result.Comparisons) Console.WriteLine($"{set.Name}: {Verdict.Of(set).Text}");
    Console.WriteLine($"{result.End} after step {result.Step}, model {result.Model}");
    return 0;
}
catch (UserErrorException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
