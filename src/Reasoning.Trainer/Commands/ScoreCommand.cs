using System.CommandLine;
using Reasoning.Eval.Statistics;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary><c>score</c>: log-probability and entropy at each token of a text.</summary>
internal static class ScoreCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var text = new Option<string>("--text")
        {
            HelpName = "T",
            Description = "The text; special tokens are added as the tokenizer says.",
            Required = true,
        };
        Option<string> device = CommonOptions.Device();
        Option<bool> json = CommonOptions.Json();
        var command = new Command(
            "score",
            "For each next token of a text its natural-log probability and the entropy (nats) of the distribution that predicts it; and in how many directions the hidden states point.")
        {
            model, text, device, json,
        };
        command.SetAction(parsed =>
        {
            ComputeDevice chosen = CommonOptions.DeviceOf(parsed.GetValue(device), terminal);
            using Policy policy = Policy.Load(CommonOptions.ModelFolder(parsed.GetValue(model)));
            policy.Model.MoveTo(chosen);
            (int[] ids, double[] logProbs, double[] entropies) =
                Scorer.Score(policy.Model, policy.Tokenizer.Encode(parsed.GetValue(text)!));
            HiddenSpread? spread = ids.Length == 0 ? null : HiddenSpread.Of(Scorer.HiddenStates(policy.Model, ids), policy.Model.Config.HiddenSize);
            if (parsed.GetValue(json))
            {
                JsonOutput.Line(terminal.Out, writer =>
                {
                    writer.WriteStartObject();
                    JsonOutput.Array(writer, "ids", ids);
                    JsonOutput.Array(writer, "logprobs", logProbs);
                    JsonOutput.Array(writer, "entropies", entropies);
                    if (spread is not null)
                    {
                        writer.WriteNumber("nuclear_norm", spread.NuclearNorm);
                        writer.WriteNumber("nuclear_norm_l12", spread.NuclearNormL12);
                        writer.WriteNumber("spectral_entropy", spread.SpectralEntropy);
                    }

                    writer.WriteEndObject();
                });
                return ExitCode.Done;
            }

            TextTable.Write(terminal.Out, terminal.Width, ["id", "token", "log-probability", "entropy"], ids.Select((id, i) => (string[])
                [Show.Whole(id), policy.Tokenizer.IdToToken(id), i == 0 ? "" : Show.Fixed(logProbs[i - 1], 4),
                i == 0 ? "" : Show.Fixed(entropies[i - 1], 4)]));
            terminal.Out.WriteLine($"sum of log-probabilities {Show.Fixed(logProbs.Sum(), 4)} over {logProbs.Length} tokens");
            if (spread is not null)
            {
                terminal.Out.WriteLine(
                    $"hidden states: nuclear norm {Show.Fixed(spread.NuclearNorm, 3)} (by columns {Show.Fixed(spread.NuclearNormL12, 3)}), "
                    + $"spectral entropy {Show.Fixed(spread.SpectralEntropy, 3)} nats");
            }

            return ExitCode.Done;
        });
        return command;
    }
}
