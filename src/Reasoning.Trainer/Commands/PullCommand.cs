using System.CommandLine;
using System.Globalization;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Hub;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Commands;

/// <summary><c>pull</c>: fetches a model or a data set from the Hugging Face Hub. The one command that opens a connection by itself.</summary>
internal static class PullCommand
{
    public const string Endpoint = "HF_ENDPOINT", Token = "HF_TOKEN", Offline = "HF_HUB_OFFLINE";

    private const string Hub = "https://huggingface.co";

    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        var repository = new Argument<string>("REPO")
        {
            Description = "OWNER/NAME of a model, datasets/OWNER/NAME of a data set; with @REVISION a branch, tag or commit.",
        };
        var include = new Option<string[]>("--include")
        {
            HelpName = "PATTERN",
            Description = "Fetch only paths like this, with * and ?; may be given several times. Default: all safetensors, texts and tables.",
            DefaultValueFactory = _ => [],
        };
        var output = new Option<string>("--out") { HelpName = "FOLDER", Description = "Where to. Default: NAME." };
        var offline = new Option<bool>("--offline") { Description = $"Open no connection, which this command cannot do without; as {Offline}=1." };
        var command = new Command(
            "pull",
            $"Fetches a model or a data set from the Hugging Face Hub, or from what {Endpoint} names, and checks each file's length and hash. What was interrupted goes on "
                + $"where it stopped. A gated or private one needs a token in {Token}.")
        {
            repository, include, output, offline,
        };
        command.SetAction(parsed =>
        {
            HubRepository from = HubRepository.Parse(parsed.GetValue(repository)!);
            if (parsed.GetValue(offline) || Environment.GetEnvironmentVariable(Offline) is "1" or "true" or "yes" or "on")
                throw new UserErrorException($"pull {from.Page}: needs the network, which --offline or {Offline} forbids; nothing was fetched");
            string folder = parsed.GetValue(output) ?? from.ShortName;
            using var client = new HubClient(Environment.GetEnvironmentVariable(Endpoint) ?? Hub, Environment.GetEnvironmentVariable(Token), new Patience());
            (string commit, IReadOnlyList<HubFile> files) = new Pull(client, terminal, Pull.FreeBytes).Run(from, parsed.GetValue(include)!, folder, cancel).GetAwaiter().GetResult();
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{folder}: {files.Count} files, {files.Sum(file => file.Bytes):N0} bytes, {from.Page} at {commit}"));
            return ExitCode.Done;
        });
        return command;
    }
}
