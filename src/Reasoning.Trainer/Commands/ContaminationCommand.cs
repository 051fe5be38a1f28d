using System.CommandLine;
using Reasoning.Eval.Statistics;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary><c>contamination</c>: how familiar prompts are to a model.</summary>
internal static class ContaminationCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        Option<string> model = CommonOptions.Model();
        Option<string> prompts = CommonOptions.Prompts();
        var reference = new Option<string>("--reference")
        {
            HelpName = "FILE",
            Description = "Text in which tokens are counted, one document a line, such as a sample of C4: DC-PDD needs it. Name it with every number.",
        };
        Option<string> device = CommonOptions.Device();
        Option<bool> json = CommonOptions.Json();
        var command = new Command(
            "contamination",
            "Signs that a model was trained on prompts: Min-K% and DC-PDD of each text, read without template. Both are higher for what was seen; compare sets, for there is no threshold.")
        {
            model, prompts, reference, device, json,
        };
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(prompts) ?? DefaultFiles.Find(DefaultFiles.Prompts, "--prompts");
            PromptSet set = PromptSet.Load(file);
            ComputeDevice chosen = CommonOptions.DeviceOf(parsed.GetValue(device), terminal);
            using Policy policy = Policy.Load(CommonOptions.ModelFolder(parsed.GetValue(model)));
            policy.Model.MoveTo(chosen);
            long[]? counts = parsed.GetValue(reference) is { } corpus ? Count(corpus, policy, cancel) : null;
            var rows = new List<Row>();
            foreach (Prompt prompt in set.Prompts)
            {
                cancel.ThrowIfCancellationRequested();
                (int[] ids, double[] logProbs, _) = Scorer.Score(policy.Model, policy.Tokenizer.Encode(prompt.Text));
                rows.Add(new Row(
                    prompt.Id, ids.Length, logProbs.Length == 0 ? double.NaN : logProbs.Average(), Contamination.MinK(logProbs),
                    counts is null || ids.Length == 0 ? double.NaN : Contamination.DcPdd(ids[1..], logProbs, counts)));
                terminal.Show($"contamination {Show.Bar((double)rows.Count / set.Prompts.Count)} {rows.Count}/{set.Prompts.Count}");
            }

            if (parsed.GetValue(json))
            {
                foreach (Row row in rows) Write(terminal, row);
                return ExitCode.Done;
            }

            TextTable.Write(
                terminal.Out, terminal.Width, ["id", "tokens", "mean log-prob", "min-20 %", .. counts is null ? (string[])[] : ["DC-PDD"]],
                rows.Select(row => (string[])[row.Id, Show.Whole(row.Tokens), Show.Fixed(row.Mean, 3), Show.Fixed(row.MinK, 3), .. counts is null ? (string[])[] : [Show.Fixed(row.DcPdd, 5)]]));
            string divergence = counts is null ? "no DC-PDD without --reference"
                : $"DC-PDD {Show.Fixed(Mean(rows, row => row.DcPdd), 5)}, reference {parsed.GetValue(reference)}, {Show.Count(counts.Sum())} tokens";
            terminal.Out.WriteLine(
                $"mean of {rows.Count} prompts of {file}: log-prob {Show.Fixed(Mean(rows, row => row.Mean), 3)}, min-20 % {Show.Fixed(Mean(rows, row => row.MinK), 3)}; {divergence}");
            return ExitCode.Done;
        });
        return command;
    }

    private static double Mean(List<Row> rows, Func<Row, double> value) => rows.Select(value).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average();

    private static long[] Count(string corpus, Policy policy, CancellationToken cancel)
    {
        long[] counts = new long[policy.Model.Config.VocabSize];
        foreach (string line in RegularFile.ReadLines(corpus))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (int id in policy.Tokenizer.Encode(line).Where(id => id < counts.Length)) counts[id]++;
        }

        return counts;
    }

    private static void Write(Terminal terminal, Row row) => JsonOutput.Line(terminal.Out, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", row.Id);
        json.WriteNumber("tokens", row.Tokens);
        JsonLines.Number(json, "mean_logprob", row.Mean);
        JsonLines.Number(json, "min_20_percent", row.MinK);
        JsonLines.Number(json, "dc_pdd", row.DcPdd);
        json.WriteEndObject();
    });

    private sealed record Row(string Id, int Tokens, double Mean, double MinK, double DcPdd);
}
