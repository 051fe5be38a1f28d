using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary><c>--help</c>: examples, then what the parser knows of a command. <c>--help-settings</c>: every setting.</summary>
internal sealed class HelpText(Terminal terminal, bool settings) : SynchronousCommandLineAction
{
    /// <summary>What someone types first, by command; a test parses each.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Examples = new Dictionary<string, string[]>
    {
        ["reasoning"] =
        [
            "reasoning train",
            "reasoning train --recipe ttrl --prompts problems.jsonl --out runs/mine",
            "reasoning eval --model runs/mine/model --against checkpoints/starter",
            "reasoning inspect runs/mine --prompt shifted-7",
            "reasoning export --model runs/mine/model --out mine.gguf",
        ],
        ["train"] =
        [
            "reasoning train",
            "reasoning train --recipe ttrl --model DIR --prompts problems.jsonl",
            "reasoning train --recipe ttrl --steps 50 --set learning-rate=1e-5",
            "reasoning train --recipe ttrl --dry-run",
            "reasoning train --resume --out runs/ttrl-1",
        ],
        ["compare"] = ["reasoning compare --recipes tent,ttrl --seeds 3", "reasoning compare --recipes ttrl,mine.yaml --seeds 1,2 --set steps=20"],
        ["eval"] =
        [
            "reasoning eval --model DIR --prompts problems.jsonl --samples 16 --k 1,4,16",
            "reasoning eval --model runs/ttrl-1/model --against checkpoints/starter",
        ],
        ["sample"] = ["reasoning sample --prompt \"What is 3 + 4?\" -n 4"],
        ["score"] = ["reasoning score --text \"3 + 4 = 7\" --json"],
        ["tokenize"] = ["echo \"3 + 4\" | reasoning tokenize"],
        ["chat"] = ["reasoning chat --model DIR --messages messages.json"],
        ["grade"] = ["echo '{\"gold\":\"1/2\",\"response\":\"so \\\\boxed{0.5}\"}' | reasoning grade"],
        ["export"] = ["reasoning export --model runs/ttrl-1/model --out mine.gguf --type f16,q8_0"],
        ["inspect"] =
        [
            "reasoning inspect checkpoints/starter",
            "reasoning inspect runs/ttrl-1",
            "reasoning inspect runs/ttrl-1 --prompt shifted-7 --step 3",
        ],
        ["report"] = ["reasoning report runs/ttrl-1", "reasoning report runs/tent-1 runs/ttrl-1 --out both.html"],
        ["pull"] = ["reasoning pull Qwen/Qwen2.5-0.5B", "reasoning pull datasets/HuggingFaceH4/MATH-500 --include \"*.jsonl\""],
        ["recipes"] = ["reasoning recipes", "reasoning recipes --show ttrl > mine.yaml"],
        ["show"] = ["reasoning config show --recipe ttrl --set steps=50"],
        ["diff"] = ["reasoning config diff mine.yaml ttrl"],
    };

    /// <summary>The option that lists all settings, for commands with <c>--set</c>.</summary>
    public static Option<bool> SettingsOption(Terminal terminal) => new("--help-settings")
    {
        Description = "List the settings that --set can change, with unit, range and default.",
        Action = new HelpText(terminal, settings: true),
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (settings)
        {
            terminal.Out.WriteLine("Settings (--set key=value). The values of a recipe:\n  reasoning config show --recipe NAME");
            terminal.Out.WriteLine();
            SettingsTable.Write(terminal.Out, terminal.Width, Setting.All);
            return ExitCode.Done;
        }

        Command command = parseResult.CommandResult.Command;
        if (Examples.TryGetValue(command is RootCommand ? "reasoning" : command.Name, out string[]? examples))
        {
            terminal.Out.WriteLine("Examples:");
            foreach (string example in examples) terminal.Out.WriteLine($"  {example}");
            terminal.Out.WriteLine();
        }

        return new HelpAction { MaxWidth = terminal.Width }.Invoke(parseResult);
    }
}
