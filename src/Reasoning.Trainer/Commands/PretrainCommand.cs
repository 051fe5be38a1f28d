using System.CommandLine;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Training;

namespace Reasoning.Trainer.Commands;

/// <summary><c>pretrain</c>: makes the starter model from generated problems.</summary>
internal static class PretrainCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var defaults = new PretrainOptions { Out = "" };
        var output = new Option<string>("--out")
        {
            HelpName = "DIR",
            Description = "Folder of the checkpoint; an earlier checkpoint there is replaced. Without it only --data has an effect.",
        };
        var seed = new Option<ulong>("--seed")
        {
            HelpName = "S",
            Description = "Seed of the initial weights and the problems (number).",
            DefaultValueFactory = _ => defaults.Seed,
        };
        var steps = new Option<int>("--steps")
        {
            HelpName = "N",
            Description = "Optimizer steps.",
            DefaultValueFactory = _ => defaults.Steps,
        };
        var problems = new Option<int>("--problems-per-step")
        {
            HelpName = "N",
            Description = "Problems read in one step.",
            DefaultValueFactory = _ => defaults.ProblemsPerStep,
        };
        var rate = new Option<double>("--learning-rate")
        {
            HelpName = "R",
            Description = "Highest learning rate of AdamW (per update).",
            DefaultValueFactory = _ => defaults.LearningRate,
        };
        var minutes = new Option<double>("--max-minutes")
        {
            HelpName = "M",
            Description = "Minutes after which training ends early and saves; 0 means no limit.",
            DefaultValueFactory = _ => defaults.MaxMinutes,
        };
        var compute = new Option<string>("--compute")
        {
            HelpName = "TYPE",
            Description = "Type of the products: float32, or bfloat16 on processors with AVX512-BF16 or AMX.",
            DefaultValueFactory = _ => "float32",
        };
        compute.AcceptOnlyFromAmong("float32", "bfloat16");
        var mixName = new Option<string>("--mix")
        {
            HelpName = "NAME",
            Description = "Which problems: starter, few operations and rarely shifted ones; or grid, operations × share in training.",
            DefaultValueFactory = _ => defaults.Mix.Name,
        };
        mixName.AcceptOnlyFromAmong([.. TrainingMix.All.Select(mix => mix.Name)]);
        var data = new Option<string>("--data")
        {
            HelpName = "DIR",
            Description = "Write the prompt sets of the mix into this folder (shifted, shifted-heldout, source; or grid and one for each cell).",
        };
        var command = new Command("pretrain", "Trains the starter model and its tokenizer from scratch on generated problems.")
        {
            output, mixName, seed, steps, problems, rate, minutes, compute, data,
        };
        command.SetAction(parsed =>
        {
            TrainingMix mix = TrainingMix.All.Single(mix => mix.Name == parsed.GetValue(mixName));
            if (parsed.GetValue(data) is { } folder)
            {
                foreach (string file in DataSets.Write(mix, folder)) terminal.Progress($"wrote {file}");
            }

            if (parsed.GetValue(output) is not { } checkpoint)
            {
                return parsed.GetValue(data) is not null
                    ? ExitCode.Done
                    : throw new UserErrorException(
                        "pretrain: nothing to do; name a checkpoint with --out, a folder for prompt sets with --data, or both");
            }

            using var log = new LineWriter(terminal);
            PretrainResult result = Pretrainer.Run(
                defaults with
                {
                    Out = checkpoint,
                    Mix = mix,
                    Seed = parsed.GetValue(seed),
                    Steps = parsed.GetValue(steps),
                    ProblemsPerStep = parsed.GetValue(problems),
                    LearningRate = parsed.GetValue(rate),
                    Bfloat16 = parsed.GetValue(compute) == "bfloat16",
                    MaxMinutes = parsed.GetValue(minutes),
                },
                log, cancel: cancel);
            terminal.Out.WriteLine(
                $"{checkpoint}: {Show.Count(result.Parameters)} parameters, {result.Steps} steps, {Show.Count(result.Tokens)} tokens, "
                + $"loss {Show.Fixed(result.FirstLoss, 3)} → {Show.Fixed(result.Loss, 3)}, {Show.Time(result.Elapsed.TotalSeconds)}");
            return cancel.IsCancellationRequested ? ExitCode.Failed : ExitCode.Done;
        });
        return command;
    }
}
