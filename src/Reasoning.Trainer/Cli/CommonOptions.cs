using System.CommandLine;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Cli;

/// <summary>Options that several commands have, and checks of their values.</summary>
internal static class CommonOptions
{
    public static Option<string> Model() => new("--model")
    {
        HelpName = "DIR",
        Description = $"Checkpoint folder in Hugging Face layout, or a GGUF file. Default: {DefaultFiles.Model}, the starter model.",
    };

    public static Option<string> Prompts() => new("--prompts")
    {
        HelpName = "FILE",
        Description = $"Prompts: JSON array, JSON lines or Parquet with prompt (or problem, question), optional answer "
            + $"and id. Default: {DefaultFiles.Prompts}.",
    };

    /// <summary>Where to compute.</summary>
    public static Option<string> Device() => new("--device")
    {
        HelpName = "cpu|cuda|cuda:N|auto",
        Description = "Where to compute; auto is CUDA where this program has it and it works, else the CPU. Default: cpu; auto in a program "
            + "built with -p:Device=cuda.",
    };

    /// <summary>How many threads compute; an option of every command, so that there is one number for all that computes.</summary>
    public static Option<int?> Threads() => new("--threads")
    {
        HelpName = "N",
        Description = "Number of threads, for libtorch, this program's own kernels and llama.cpp. Default: OMP_NUM_THREADS, else all processors.",
        Recursive = true,
    };

    /// <summary>The device that was asked for; says which it is, and with how many threads.</summary>
    public static ComputeDevice DeviceOf(string? choice, Terminal terminal)
    {
        ComputeDevice device = ComputeDevice.Choose(choice ?? (ComputeDevice.HasCuda ? "auto" : "cpu"));
        string reason = device.Reason == ComputeDevice.Cpu.Reason ? "" : $"; {device.Reason}";
        terminal.Progress($"device    {device.Name}, {ComputeDevice.Threads} {(ComputeDevice.Threads == 1 ? "thread" : "threads")}{reason}", Show.LabelWidth);
        return device;
    }

    /// <summary>The word of <see cref="Engine"/> for llama.cpp.</summary>
    public const string LlamaEngine = "llama";

    /// <summary>What computes the answers.</summary>
    /// <param name="servers">Whether that may be a server.</param>
    public static Option<string> Engine(bool servers = false)
    {
        var option = new Option<string>("--engine")
        {
            HelpName = servers ? "own|llama|URL" : "own|llama",
            Description = "What computes the answers: own, the engine that trains, or llama, llama.cpp in this process on a GGUF "
                + "file. Both draw with the same random numbers."
                + (servers ? " Or the address of a server that runs already, as http://localhost:8000/v1 (docs/server.md); --model is then what it serves." : ""),
            DefaultValueFactory = _ => Generator.OwnEngine,
        };
        if (!servers)
        {
            option.AcceptOnlyFromAmong(Generator.OwnEngine, LlamaEngine);
            return option;
        }

        option.CompletionSources.Add(Generator.OwnEngine, LlamaEngine);
        option.Validators.Add(result =>
        {
            string value = result.Tokens.Count > 0 ? result.Tokens[0].Value : Generator.OwnEngine;
            if (value is not (Generator.OwnEngine or LlamaEngine) && !Address.Is(value))
                result.AddError($"--engine takes {Generator.OwnEngine}, {LlamaEngine} or the address of a server such as http://localhost:8000/v1");
        });
        return option;
    }

    public static Option<bool> Json() => new("--json") { Description = "Print machine-readable results." };

    /// <summary>Where an answer may stand in a response.</summary>
    public static Option<AnswerPlace> AnswerPlace()
    {
        var option = new Option<AnswerPlace>("--answer-place")
        {
            HelpName = "box|anywhere",
            Description = "Where an answer may stand: in the last box (default), or anywhere: where there is no box also behind "
                + "'the answer is', in the last math or as the last number.",
        };
        option.AcceptOnlyFromAmong("box", "anywhere");
        return option;
    }

    /// <summary>How problems become the model's input.</summary>
    public static Option<string> PromptStyle()
    {
        var option = new Option<string>("--prompt-style")
        {
            HelpName = "plain|chat|bare",
            Description = "How a problem becomes the model's input: plain, a text that a base model continues; chat, a user's turn in the "
                + "model's chat template; bare, the problem alone. Default: as the model's reasoning.json says, else plain.",
        };
        option.AcceptOnlyFromAmong("plain", "chat", "bare");
        return option;
    }

    /// <summary>The style that a word names; null for none.</summary>
    public static PromptStyle? StyleOf(string? word) => word switch
    {
        "plain" => Models.Chat.PromptStyle.Plain,
        "chat" => Models.Chat.PromptStyle.Chat,
        "bare" => Models.Chat.PromptStyle.Bare,
        _ => null,
    };

    public static Option<ulong> Seed(ulong @default) => new("--seed")
    {
        HelpName = "S",
        Description = "Seed of every draw (number).",
        DefaultValueFactory = _ => @default,
    };

    /// <summary>The checkpoint folder: the given one or the starter model. Where it has a manifest, its files are as they were written.</summary>
    public static string ModelFolder(string? given, CancellationToken cancel = default)
    {
        string folder = given ?? DefaultFiles.Find(DefaultFiles.Model, "--model");
        var run = new RunFolder(folder);
        if (File.Exists(run.RecordFile))
        {
            throw new UserErrorException(Directory.Exists(run.ModelFolder)
                ? $"{folder}: this is a run folder; its model is {run.ModelFolder}"
                : $"{folder}: this is a run folder without a model yet; it is written when the run is done: reasoning train --resume --out {folder}");
        }

        if (!Path.Exists(folder) && folder.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } name] && owner is not ("." or ".." or "~") && !Directory.Exists(owner))
        {
            throw new UserErrorException(
                $"{folder}: no such folder or file. If this is a name on the Hugging Face Hub, fetch it first: reasoning pull {folder}, then --model {name}");
        }

        CheckpointFolder.VerifyIfListed(folder, cancel);
        return folder;
    }

    /// <summary>Refuses a number outside its range.</summary>
    /// <exception cref="UserErrorException">It is outside.</exception>
    public static T InRange<T>(T value, T low, T high, string option)
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
            ? value
            : throw new UserErrorException(FormattableString.Invariant($"{option} is {value}; allowed: {low} to {high}"));
}
