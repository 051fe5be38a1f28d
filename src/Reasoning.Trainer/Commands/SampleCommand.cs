using System.CommandLine;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;

namespace Reasoning.Trainer.Commands;

/// <summary><c>sample</c>: answers of a model to one prompt.</summary>
internal static class SampleCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        Option<string> model = CommonOptions.Model();
        var prompt = new Option<string>("--prompt")
        {
            HelpName = "TEXT",
            Description = "The problem. Empty with --raw: the model starts from its first token alone.",
            Required = true,
        };
        var raw = new Option<bool>("--raw")
        {
            Description = "Continue the text as it stands, as --prompt-style bare. Default for a model that says nothing "
                + "about prompts, as one whose folder has no reasoning.json.",
        };
        Option<string> style = CommonOptions.PromptStyle();
        var count = new Option<int>("-n") { HelpName = "N", Description = "Number of answers.", DefaultValueFactory = _ => 1 };
        Option<ulong> seed = CommonOptions.Seed(1);
        var temperature = new Option<double>("--temperature")
        {
            HelpName = "T",
            Description = "Divides the logits (factor); 0 is greedy.",
            DefaultValueFactory = _ => 1,
        };
        var topP = new Option<double>("--top-p")
        {
            HelpName = "P",
            Description = "Nucleus (probability), above 0 to 1.",
            DefaultValueFactory = _ => 1,
        };
        var topK = new Option<int>("--top-k")
        {
            HelpName = "K",
            Description = "Most probable tokens to draw from; 0 means all.",
            DefaultValueFactory = _ => 0,
        };
        var limit = new Option<int>("--max-new-tokens")
        {
            HelpName = "M",
            Description = "Most tokens of an answer.",
            DefaultValueFactory = _ => 160,
        };
        Option<string> device = CommonOptions.Device(), engine = CommonOptions.Engine();
        Option<bool> json = CommonOptions.Json();
        var command = new Command("sample", "Answers of a model to one prompt, with ids and log-probabilities.")
        {
            model, prompt, raw, style, count, seed, temperature, topP, topK, limit, engine, device, json,
        };
        var decoding = new Decoding(command, manyPrompts: false);
        command.SetAction(parsed =>
        {
            string folder = CommonOptions.ModelFolder(parsed.GetValue(model));
            EntropyMinimization? sharpening = decoding.Sharpening(parsed, parsed.GetValue(engine));
            using Policy? large = decoding.Large(parsed, parsed.GetValue(engine));
            ComputeDevice chosen = CommonOptions.DeviceOf(parsed.GetValue(device), terminal);
            bool isAsked = parsed.GetValue(raw) || parsed.GetValue(style) is not null;
            PromptStyle? chosenStyle = Style(folder, parsed.GetValue(raw), parsed.GetValue(style));
            using Answering answering = Answering.Load(
                parsed.GetValue(engine), folder, chosenStyle, chosen, terminal,
                isAsked || chosenStyle is null ? null : "the default of sample for a model that says nothing about prompts");
            int[] ids = answering.Codec.Render(new Prompt("prompt", parsed.GetValue(prompt)!));
            var options = new SamplingOptions
            {
                Temperature = parsed.GetValue(temperature),
                TopP = parsed.GetValue(topP),
                TopK = parsed.GetValue(topK),
                MaxNewTokens = parsed.GetValue(limit),
                Seed = parsed.GetValue(seed),
                EntropyMinimization = sharpening,
            };
            var request = new GenerationRequest("prompt", ids, CommonOptions.InRange(parsed.GetValue(count), 1, 65536, "-n"));
            foreach (Rollout rollout in decoding.Source(parsed, answering, large, [], options).Generate([request], options, cancel: cancel)[0])
                Print(terminal.Out, answering.Codec, rollout, large is not null, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The style that was asked for; a model that says nothing about prompts gets the text as it stands.</summary>
    private static PromptStyle? Style(string folder, bool raw, string? word)
    {
        if (raw && word is not (null or "bare"))
            throw new UserErrorException($"--raw and --prompt-style {word} contradict each other; give one");
        return raw || (word is null && !ModelFiles.HasPromptFormat(folder)) ? PromptStyle.Bare : CommonOptions.StyleOf(word);
    }

    private static void Print(TextWriter writer, PolicyCodec codec, Rollout rollout, bool hasLarge, bool asJson)
    {
        string finish = rollout.Finish == FinishReason.Stop ? "stop" : "length";
        if (!asJson)
        {
            writer.WriteLine(
                $"--- answer {rollout.Sample + 1}: {rollout.Ids.Length} tokens, log-probability "
                    + $"{Show.Fixed(rollout.LogProbs.Sum(p => (double)p), 3)}, ended by {finish}"
                    + (hasLarge ? $", {rollout.LargeTokens} of the large model" : ""));
            writer.WriteLine(codec.Text(rollout));
            return;
        }

        JsonOutput.Line(writer, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("sample", rollout.Sample);
            json.WriteString("text", codec.Text(rollout));
            json.WriteString("finish", finish);
            if (hasLarge) json.WriteNumber("large_tokens", rollout.LargeTokens);
            JsonOutput.Array(json, "prompt_ids", rollout.PromptIds);
            JsonOutput.Array(json, "ids", rollout.Ids);
            JsonOutput.Array(json, "logprobs", rollout.LogProbs);
            json.WriteEndObject();
        });
    }
}
