using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary>The options that name what a run reads, model and prompt sets, and where it computes.</summary>
internal sealed class RunFiles(Terminal terminal)
{
    private readonly Option<string> _model = CommonOptions.Model();
    private readonly Option<string> _prompts = CommonOptions.Prompts();
    private readonly Option<string> _device = CommonOptions.Device();

    private readonly Option<string> _heldout = new("--heldout")
    {
        HelpName = "FILE",
        Description = $"Prompts that are only evaluated, of the same kind. Default: {DefaultFiles.Heldout} with the default prompts, "
            + "else none.",
    };

    private readonly Option<string> _source = new("--source")
    {
        HelpName = "FILE",
        Description = $"Prompts that are only evaluated, to measure forgetting. Default: {DefaultFiles.Source} with the default "
            + "prompts, else none.",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _prompts, _heldout, _source, _device]) command.Add(option);
    }

    /// <summary>A new run; what is not given is what comes with the program.</summary>
    public TrainRequest Request(ParseResult parsed, EffectiveRecipe recipe, string? folder)
    {
        string? prompts = parsed.GetValue(_prompts);
        return new TrainRequest
        {
            Recipe = recipe,
            Model = CommonOptions.ModelFolder(parsed.GetValue(_model)),
            Prompts = prompts ?? DefaultFiles.Find(DefaultFiles.Prompts, "--prompts"),
            Heldout = parsed.GetValue(_heldout) ?? (prompts is null ? DefaultFiles.Find(DefaultFiles.Heldout, "--heldout") : null),
            Source = parsed.GetValue(_source) ?? (prompts is null ? DefaultFiles.Find(DefaultFiles.Source, "--source") : null),
            Out = folder,
            Device = CommonOptions.DeviceOf(parsed.GetValue(_device), terminal),
        };
    }

    /// <summary>A run to go on with; what is not given is what its record says.</summary>
    public TrainRequest Resumed(ParseResult parsed, EffectiveRecipe recipe, string folder, RunRecord record) => new()
    {
        Recipe = recipe,
        Model = CommonOptions.ModelFolder(parsed.GetValue(_model) ?? record.Model.Path),
        Prompts = parsed.GetValue(_prompts) ?? record.Prompts.Path,
        Heldout = parsed.GetValue(_heldout) ?? record.Heldout?.Path,
        Source = parsed.GetValue(_source) ?? record.Source?.Path,
        Out = folder,
        Device = CommonOptions.DeviceOf(parsed.GetValue(_device), terminal),
        Resume = true,
    };
}
