using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Cli;

/// <summary>What a run was asked and what was chosen, with the reason, before anything happens.</summary>
internal static class Header
{
    public static void Say(Terminal terminal, TrainRequest request, RunRecord record, Learner learner, int fitting, RunFolder run)
    {
        Recipe recipe = request.Recipe.Recipe;
        ModelConfig config = learner.Policy.Model.Config;
        Machine machine = record.Machine;
        int perStep = Math.Min(recipe.PromptsPerStep, fitting);
        string set = string.Join(
            " ", Setting.All.Where(s => request.Recipe.Origins[s.Name] == EffectiveRecipe.FromCommandLine).Select(
                s => $"{s.Name}={s.Text(recipe)}"));

        terminal.Say(
            $"recipe    {record.Recipe}, {recipe.Steps} steps, seed {recipe.Seed}{(set.Length > 0 ? $"; command line: {set}" : "")}");
        terminal.Say(
            $"backend   {machine.BackendName} on {machine.Device}, {machine.Threads} threads, {machine.VectorUnits}: chosen when the "
                + $"program was built (-p:Backend=)");
        terminal.Say(
            $"model     {record.Model.Path}, {config.ModelType}, {Show.Count(Size(learner.Policy.Model))} parameters, hash "
                + $"{record.Model.Hash[..8]}, float32");
        terminal.Say($"stop at   {Stops(learner.Policy)}");
        terminal.Say($"learns    {Learns(learner, recipe)}");
        terminal.Say($"prompts   {record.Prompts.Path}, {record.Prompts.Count} prompts, hash {record.Prompts.Hash[..8]}; {perStep} × "
            + $"{recipe.SamplesPerPrompt} answers a step, "
            + $"an epoch is {fitting / perStep} {(fitting / perStep == 1 ? "step" : "steps")}");
        if (perStep < recipe.PromptsPerStep)
            terminal.Say($"          prompts-per-step is {recipe.PromptsPerStep}, but there are {fitting}: every step takes all of them");
        if (record.Refused.Count > 0)
        {
            terminal.Say($"          refused {record.Refused.Count} of {record.Prompts.Count} prompts: with max-new-tokens "
                + $"{recipe.MaxNewTokens} they exceed the model's "
                + $"{config.MaxPositions} positions: {string.Join(", ", record.Refused)}");
        }

        string others = string.Join(" and ", ((string?[])[record.Heldout?.Path, record.Source?.Path]).OfType<string>());
        terminal.Say($"evaluates the adapted prompts (transductive: the run trains on their "
            + $"texts{(recipe.UsesGold ? "" : ", never on their answers")})"
            + (others.Length > 0 ? $", {others}" : ""));
        if (recipe.UsesGold) terminal.Say("WARNING   this is the labelled baseline: it trains on the gold answers");
        if (recipe.Control != ControlKind.None) terminal.Say(
            $"CONTROL   rewards are {Words.Of(recipe.Control)}: no gain of this run is a gain of the method");
        terminal.Say($"run       {run.Path}");
    }

    private static string Learns(Learner learner, Recipe recipe)
    {
        string model = $"{Words.Of(recipe.Trainable)}: {Show.Whole(learner.Size)} values in {learner.Parameters.Count} tensors";
        string predictor = learner.Predictor is null
            ? ""
            : $"; predictor {learner.Policy.Model.Config.HiddenSize} × {learner.Policy.Model.Config.HiddenSize}";
        return $"{model}{predictor}; {Words.Of(recipe.Optimizer)}, rate {Show.Number(recipe.LearningRate)} {Words.Of(recipe.Schedule)}";
    }

    private static string Stops(Policy policy) => policy.Stops.Count == 0
        ? "no token: only max-new-tokens ends an answer"
        : string.Join(", ", policy.Stops.Select(stop => $"{stop.Text} ({stop.Id}, from {string.Join(", ", stop.Sources)})"));

    private static long Size(CausalLM model) => model.named_parameters().Sum(pair => pair.parameter.NumberOfElements);
}
