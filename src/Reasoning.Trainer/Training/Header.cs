using Reasoning.Grading;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;

namespace Reasoning.Trainer.Training;

/// <summary>What a run was asked and what was chosen, with the reason, before anything happens.</summary>
internal sealed class Header(Terminal terminal, TrainRequest request, RunRecord record, Learner learner)
{
    private const int MostChanges = 12;

    private readonly Recipe _recipe = request.Recipe.Recipe;

    /// <summary>Prints it.</summary>
    /// <param name="prompts">Prompts that take part.</param>
    /// <param name="run">Folder of the run.</param>
    /// <param name="notices">What is to be said about the prompt files.</param>
    public void Write(int prompts, RunFolder run, IReadOnlyList<string> notices)
    {
        Machine machine = record.Machine;
        Line("recipe", $"{record.Recipe}, {_recipe.Steps} {(_recipe.Steps == 1 ? "step" : "steps")}, seed {_recipe.Seed}{ByHand()}");
        if (RecipeDifference.FromShipped(request.Recipe) is { } difference) Line("", Describe(difference));
        Line("engine", $"{machine.Engine}; own kernels for {machine.VectorUnits}");
        if (learner.Ranks.AreSeveral) Line("ranks", $"{learner.Ranks.Count} processes by Open MPI divide the prompts and answers of a step; the first one writes; gradients go {learner.Ranks.GradientsGo}");
        Line("model", Model());
        if (learner.Policy.Model.Renamed is { } renamed) Line("", renamed);
        if (DeviceMemory.Of(learner.Device) is { } memory)
            Line("memory", $"{memory.Free >> 20} of {memory.Total >> 20} MiB free on {learner.Device.Name} with the model in it");
        string[] unknown = learner.Policy.Model.Config.UnknownFields;
        if (unknown.Length > 0) Line("", $"config.json has unknown fields, which have no effect: {string.Join(", ", unknown)}");
        Line("stop at", Stops());
        foreach (string line in Answering.Describe(learner.Policy.Codec)) terminal.Progress(line, Show.LabelWidth);
        Line("learns", Learns());
        if (_recipe.Reward.Header is { } header)
        {
            (string label, string text) = header(_recipe);
            Line(label, text);
        }

        if (_recipe.AnswerPlace == AnswerPlace.Anywhere)
            Line("answers", "where there is no box, what follows 'the answer is', the last math or the last number counts as the answer");
        SayPrompts(prompts);
        foreach (string notice in notices) Line("note", notice);
        if (_recipe.UsesGold) Line("WARNING", "this is the labelled baseline: it trains on the gold answers");
        if (_recipe.Control != ControlKind.None)
        {
            string cut = _recipe.Control == ControlKind.RandomDirection
                ? "parameters move in random directions" : $"{(_recipe.Reward.UsesAgreement ? "votes" : "rewards")} are {Words.Of(_recipe.Control)}";
            Line("CONTROL", $"{cut}: a gain of this run would not be due to the method");
        }

        if (_recipe.TopP < 1 || _recipe.TopK > 0)
        {
            Line("WARNING", "top-p and top-k truncate the sampling distribution, but the log-probabilities that train are those of the whole "
                + "distribution: for samples of the policy itself set top-p=1 and top-k=0");
        }

        Line("run", run.Path);
    }

    private void SayPrompts(int prompts)
    {
        int perStep = Math.Min(_recipe.PromptsPerStep, prompts), epoch = prompts / perStep;
        Line(RunFolder.TargetSet, $"{Named(record.Prompts)}; {perStep} × {_recipe.SamplesPerPrompt} answers a step, "
            + (_recipe.PromptOrder == PromptOrderKind.File ? "in the order of the file" : $"an epoch is {epoch} {(epoch == 1 ? "step" : "steps")}"));
        if (perStep < _recipe.PromptsPerStep)
            Line("", $"prompts-per-step is {_recipe.PromptsPerStep}, but there are {prompts}: every step takes all of them");
        if (record.Refused.Count > 0)
        {
            Line("", $"refused {record.Refused.Count} of {record.Prompts.Count} prompts: with max-new-tokens {_recipe.MaxNewTokens} "
                + $"they exceed "
                + $"the model's {learner.Policy.Model.Config.MaxPositions} positions: {string.Join(", ", record.Refused)}");
        }

        if (_recipe.EvalSamples == 0) return;
        Line(
            "evaluates", $"the target prompts (transductive: it trains on their "
                + $"texts{(_recipe.UsesGold ? "" : ", never on their answers")})");
        foreach ((string name, RecordedFile? set) in ((string, RecordedFile?)[])[("held-out", record.Heldout), ("source", record.Source)])
        {
            if (set is not null) Line("", $"{name}: {Named(set)}");
        }
    }

    private string ByHand()
    {
        IEnumerable<string> settings = Setting.All
            .Where(setting => request.Recipe.Origins[setting.Name] == EffectiveRecipe.FromCommandLine)
            .Select(setting => $"{setting.Name}={setting.Text(_recipe)}");
        return settings.Any() ? $"; command line: {string.Join(" ", settings)}" : "";
    }

    private string Describe(RecipeDifference difference) => difference.Changes.Count switch
    {
        0 => $"the same as the shipped recipe {difference.Other}",
        <= MostChanges => $"differs from {difference.Other} in {string.Join(", ", difference.Changes.Select(change => $"{change.Setting.Name}={change.Ours} (there {change.Theirs})"))}",
        _ => $"differs from {difference.Other} in {difference.Changes.Count} settings: reasoning config diff {request.Recipe.Name} {difference.Other}",
    };

    private string Model()
    {
        CausalLM model = learner.Policy.Model;
        long size = model.named_parameters().Sum(pair => pair.parameter.NumberOfElements);
        return $"{record.Model.Path}, {model.Config.ModelType}, {Show.Count(size)} parameters, hash {record.Model.Hash[..8]}, "
            + (model.StoredTypes.Count == 0 ? "" : $"stored as {string.Join(" and ", model.StoredTypes)}, computed in ")
            + $"{Words.Of(_recipe.Weights)}{(learner.HasMasters ? " with float32 copies in the optimizer" : "")}"
            + (model.Compute is null ? "" : $", products in bfloat16 by {(model.HeadWeight.device_type == DeviceType.CPU ? Bfloat16Units.Name : "the GPU")}");
    }

    private string Stops() => learner.Policy.Stops.Count == 0
        ? "no token: only max-new-tokens ends an answer"
        : string.Join(", ", learner.Policy.Stops.Select(stop => $"{stop.Text} ({stop.Id}, from {string.Join(", ", stop.Sources)})"));

    private string Learns()
    {
        string extra = string.Concat(learner.Method.Parameters.Select(own => $"; {own.Name} {string.Join(" × ", own.Parameter.shape)}"));
        return $"{Words.Of(_recipe.Trainable)}: {Show.Whole(learner.Size)} values in {learner.Parameters.Count} tensors{extra}; "
            + $"{Words.Of(_recipe.Optimizer)}, rate {Show.Number(_recipe.LearningRate)} {Words.Of(_recipe.Schedule)}";
    }

    private void Line(string label, string text) => terminal.Progress(label.PadRight(Show.LabelWidth) + text, Show.LabelWidth);

    private static string Named(RecordedFile set) => $"{set.Path}, {set.Count} prompts, hash {set.Hash[..8]}";
}
