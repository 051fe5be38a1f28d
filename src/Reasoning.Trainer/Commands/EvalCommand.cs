using System.CommandLine;
using System.Text.Json;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary><c>eval</c>: accuracy of a model on prompts, with intervals.</summary>
internal static class EvalCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        Option<string> model = CommonOptions.Model(), prompts = CommonOptions.Prompts();
        var samples = new Option<int>("--samples")
        {
            HelpName = "N",
            Description = "Answers sampled to each prompt, 1 to 1000.",
            DefaultValueFactory = _ => 16,
        };
        var ks = new Option<string>("--k")
        {
            HelpName = "1,4,16",
            Description = "The k of pass@k and maj@k, separated by commas, each at most --samples. Default: 1 and --samples.",
        };
        var against = new Option<string>("--against")
        {
            HelpName = "DIR|FILE",
            Description = "Compare --model with this one, problem by problem: a model, which is evaluated as well, or the --out of an earlier eval with "
                + "the same prompts and settings. It stands in the table as the base, --model as the adapted one.",
        };
        var output = new Option<string>("--out")
        {
            HelpName = "FILE",
            Description = "Also write every problem's result of --model to this JSON file.",
        };
        var temperature = new Option<double>("--temperature")
        {
            HelpName = "T",
            Description = "Sampling temperature (factor); 0 is greedy and needs --samples 1.",
            DefaultValueFactory = _ => 0.6,
        };
        var topP = new Option<double>("--top-p")
        {
            HelpName = "P",
            Description = "Nucleus (probability), above 0 to 1.",
            DefaultValueFactory = _ => 0.95,
        };
        var limit = new Option<int>("--max-new-tokens")
        {
            HelpName = "M",
            Description = "Most tokens of an answer.",
            DefaultValueFactory = _ => 160,
        };
        var problems = new Option<int>("--problems")
        {
            HelpName = "N",
            Description = "How many prompts are evaluated, the first ones; 0 means all.",
            DefaultValueFactory = _ => 0,
        };
        Option<AnswerPlace> place = CommonOptions.AnswerPlace();
        Option<string> style = CommonOptions.PromptStyle();
        Option<ulong> seed = CommonOptions.Seed(1);
        Option<string> device = CommonOptions.Device(), engine = CommonOptions.Engine(servers: true);
        Option<bool> json = CommonOptions.Json();
        var command = new Command(
            "eval", "pass@k, maj@k and greedy accuracy of a model on prompts with answers, with intervals; vote share without answers.")
        {
            model, against, prompts, samples, ks, output, temperature, topP, limit, place, style, problems, seed, engine, device, json,
        };
        var decoding = new Decoding(command, manyPrompts: true);
        var server = new ServerOptions(command, engine);
        command.SetAction(parsed =>
        {
            int count = CommonOptions.InRange(parsed.GetValue(samples), 1, MajAtK.MaxSamples, "--samples");
            var options = new EvalOptions
            {
                Samples = count,
                Ks = Ks(parsed.GetValue(ks), count),
                Sampling = new SamplingOptions
                {
                    Temperature = parsed.GetValue(temperature),
                    TopP = parsed.GetValue(topP),
                    MaxNewTokens = parsed.GetValue(limit),
                    Seed = parsed.GetValue(seed),
                    Step = -1,
                    MaxBatch = server.IsAsked(parsed) ? server.Parallel(parsed) : new SamplingOptions().MaxBatch,
                    EntropyMinimization = decoding.Sharpening(parsed, parsed.GetValue(engine)),
                },
                AnswerPlace = parsed.GetValue(place),
            };
            using Policy? large = decoding.Large(parsed, parsed.GetValue(engine));
            string file = parsed.GetValue(prompts) ?? DefaultFiles.Find(DefaultFiles.Prompts, "--prompts");
            PromptSet loaded = PromptSet.Load(file);
            foreach (string notice in loaded.Notices) terminal.Progress($"note: {notice}");
            EvalSet set = EvalSet.Of(
                Path.GetFileName(file), loaded, CommonOptions.InRange(parsed.GetValue(problems), 0, int.MaxValue, "--problems"));
            ComputeDevice chosen = server.IsAsked(parsed) ? ComputeDevice.Cpu : CommonOptions.DeviceOf(parsed.GetValue(device), terminal);
            string? other = parsed.GetValue(against);
            bool isFile = other is not null && (other.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || (File.Exists(other) && !GgufReader.IsGguf(other)));
            if (other is not null && !isFile && server.IsAsked(parsed))
                throw new UserErrorException($"--against {other}: the server has one model; evaluate the other one by itself with --out, and give that file to --against");
            EvalResult? before = other is null ? null : isFile ? EvalFile.Read(other) : Evaluate(other, null);
            EvalResult result = Evaluate(parsed.GetValue(model), before);
            if (parsed.GetValue(output) is { } path) EvalFile.Write(path, result);
            SayNotices(terminal, result);
            if (before is null) Print(terminal, set.Name, result, parsed.GetValue(json));
            else Print(terminal, Pair(before, result), parsed.GetValue(json));
            return ExitCode.Done;

            EvalResult Evaluate(string? name, EvalResult? pair)
            {
                string folder = CommonOptions.ModelFolder(name);
                PromptStyle? asked = CommonOptions.StyleOf(parsed.GetValue(style));
                using Answering answering = server.IsAsked(parsed)
                    ? server.Open(parsed, folder, asked, set.Prompts.Prompts[0], terminal, cancel)
                    : Answering.Load(parsed.GetValue(engine), folder, asked, chosen, terminal);
                IRolloutSource source =
                    decoding.Source(parsed, answering, large, set.Prompts.Prompts, options.Sampling with { EntropyMinimization = null });
                if (pair?.Settings.DifferenceFrom(Evaluator.Settings(answering.Codec, source.Engine, set.Prompts, options)) is { } difference)
                    throw NotComparable(difference);
                return Evaluator.Run(answering.Codec, source, set.Prompts, options, progress => Progress(terminal, folder, progress), cancel) with
                {
                    Model = server.IsAsked(parsed) ? new EvaluatedModel(source.Engine, "") : new EvaluatedModel(folder, FolderHash.Of(folder)),
                };
            }

            EvalComparison Pair(EvalResult before, EvalResult after)
            {
                try
                {
                    return new EvalComparison(set.Name, before, after);
                }
                catch (ArgumentException e)
                {
                    throw NotComparable(e.Message);
                }
            }

            UserErrorException NotComparable(string difference) =>
                new($"--against {other}: {difference}; evaluate both on the same prompts with the same options");
        });
        return command;
    }

    private static void Progress(Terminal terminal, string model, GenerationProgress progress) =>
        terminal.Show(
            $"{model} {Show.Bar((double)progress.Finished / progress.Total)} {progress.Finished}/{progress.Total}  "
                + $"{Show.Whole(progress.TokensPerSecond)} tok/s");

    private static int[] Ks(string? text, int samples)
    {
        if (text is null) return samples > 1 ? [1, samples] : [1];
        return [.. text.Split(',').Select(K)];

        int K(string part) => int.TryParse(part, out int k)
            ? k
            : throw new UserErrorException($"--k is '{text}'; write whole numbers separated by commas, such as 1,4,16");
    }

    private static void SayNotices(Terminal terminal, EvalResult result)
    {
        if (result.Refused.Count > 0)
            terminal.Progress(
                $"refused {result.Refused.Count} prompts that leave no room for an answer: "
                    + $"{string.Join(", ", result.Refused.Select(refused => refused.PromptId))}");
        foreach (GradedExample example in result.Examples)
            terminal.Progress($"nothing was correct; {example.PromptId}: extracted '{example.Extracted ?? "nothing"}', gold '{example.Gold}'");
    }

    private static void Print(Terminal terminal, string name, EvalResult result, bool asJson)
    {
        EvalSummary summary = EvalSummary.Of(result);
        if (!asJson)
        {
            terminal.Progress();
            terminal.Out.WriteLine(EvalTable.Render(name, summary));
            if (summary.Model is { IsKnown: false }) terminal.Out.WriteLine(ServerOptions.Caveat);
            if (result.LargeTokenShare is { } share) terminal.Out.WriteLine($"  the large model drew {Show.Percent(share)} of the sampled tokens");
            return;
        }

        JsonOutput.Line(terminal.Out, json => Write(json, summary, result.LargeTokenShare));
    }

    private static void Print(Terminal terminal, EvalComparison comparison, bool asJson)
    {
        if (!asJson)
        {
            terminal.Progress();
            terminal.Out.WriteLine(EvalTable.Render([comparison]));
            if (comparison.After.Model is { IsKnown: false } || comparison.Before.Model is { IsKnown: false }) terminal.Out.WriteLine(ServerOptions.Caveat);
            return;
        }

        JsonOutput.Line(terminal.Out, json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("sets");
            ComparisonJson.Write(json, comparison);
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    private static void Write(Utf8JsonWriter json, EvalSummary summary, double? largeTokenShare)
    {
        json.WriteStartObject();
        ComparisonJson.Write(json, "model", summary.Model);
        json.WriteString("prompts", summary.Settings.Prompts);
        json.WriteString("prompts_hash", summary.Settings.PromptsHash);
        json.WriteNumber("problems", summary.Problems);
        json.WriteNumber("with_gold", summary.WithGold);
        json.WriteNumber("refused", summary.Refused);
        json.WriteNumber("samples", summary.Settings.Samples);
        json.WriteNumber("temperature", summary.Settings.Temperature);
        json.WriteNumber("top_p", summary.Settings.TopP);
        json.WriteNumber("max_new_tokens", summary.Settings.MaxNewTokens);
        json.WriteNumber("seed", summary.Settings.Seed);
        json.WriteString("engine", summary.Settings.Engine);
        if (summary.Model is { IsKnown: false }) json.WriteString("unknown", ServerOptions.Unknown);
        if (summary.Settings.EntropyMinimization is { } sharpening)
        {
            json.WriteNumber("em_steps", sharpening.Steps);
            json.WriteNumber("em_rate", sharpening.Rate);
            json.WriteNumber("em_threshold", sharpening.Threshold);
            json.WriteNumber("em_kl", sharpening.KlWeight);
        }

        if (largeTokenShare is { } share) json.WriteNumber("large_token_share", share);
        json.WriteString("answer_place", Words.Of(summary.Settings.AnswerPlace));
        json.WriteNumber("truncated", summary.TruncationRate);
        json.WriteNumber("unparsed", summary.UnparsedRate);
        json.WriteNumber("over_budget", summary.OverBudgetRate);
        json.WriteNumber("mean_tokens", summary.MeanLength);
        json.WriteStartObject("metrics");
        foreach (Reasoning.Eval.Results.Metric metric in summary.Accuracies.Append(summary.VoteShare))
            ComparisonJson.Write(json, metric.Name, metric.Estimate);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
