using Reasoning.Llama;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Servers;

namespace Reasoning.Trainer.Evaluation;

/// <summary>What answers in a command: the policy in this program's own engine, an export of it in llama.cpp, or a server.</summary>
internal sealed class Answering : IDisposable
{
    private readonly IDisposable? _owner;

    private Answering(PolicyCodec codec, IRolloutSource source, IDisposable? owner) => (Codec, Source, _owner) = (codec, source, owner);

    /// <summary>The model itself, where it is in this program's own engine.</summary>
    public Policy? Policy => _owner as Policy;

    /// <summary>From prompts to ids and back.</summary>
    public PolicyCodec Codec { get; }

    /// <summary>What answers.</summary>
    public IRolloutSource Source { get; }

    /// <summary>Loads a model into an engine, and says how prompts become its input.</summary>
    /// <param name="engine">A word of <see cref="CommonOptions.Engine"/>.</param>
    /// <param name="model">Checkpoint folder or GGUF file.</param>
    /// <param name="style">How problems become input; null for what the model says.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="terminal">Told what was chosen.</param>
    /// <param name="reason">Why it is that style, where a command chose it; null where the person or the model did.</param>
    /// <exception cref="UserErrorException">The model cannot be read, or this program has not that engine.</exception>
    public static Answering Load(string? engine, string model, PromptStyle? style, ComputeDevice device, Terminal terminal, string? reason = null)
    {
        Answering answering = engine == CommonOptions.LlamaEngine ? InLlama() : Here();
        foreach (string line in Describe(answering.Codec, reason)) terminal.Progress(line, Show.LabelWidth);
        return answering;

        Answering InLlama()
        {
            (PolicyCodec codec, IRolloutSource source) = LlamaEngine.Open(model, style, device, line => terminal.Progress(line));
            return new Answering(codec, source, source as IDisposable);
        }

        Answering Here()
        {
            Policy policy = Policy.Load(model, style);
            policy.Model.MoveTo(device);
            return new Answering(policy.Codec, policy.Generator, policy);
        }
    }

    /// <summary>Lets a server answer; the model's files say how prompts become its input and where an answer ends.</summary>
    /// <param name="server">Belongs to this from here on.</param>
    /// <param name="model">Checkpoint folder or GGUF file of what it serves; weights need not be there.</param>
    /// <param name="style">How problems become input; null for what the model says.</param>
    /// <param name="terminal">Told what was chosen.</param>
    /// <exception cref="UserErrorException">The model cannot be read.</exception>
    public static Answering OnServer(InferenceServer server, string model, PromptStyle? style, Terminal terminal)
    {
        var codec = PolicyCodec.Load(model, style);
        foreach (string line in (string[])[$"engine    {server.Name}", .. Describe(codec)]) terminal.Progress(line, Show.LabelWidth);
        return new Answering(codec, new ServerSource(server, codec), server);
    }

    public void Dispose() => _owner?.Dispose();

    /// <summary>How problems become input, and why; with a warning where only the chat template names the end of an answer.</summary>
    public static IEnumerable<string> Describe(PolicyCodec codec, string? reason = null)
    {
        yield return "style".PadRight(Show.LabelWidth) + codec.Format.Describe(reason);
        foreach (StopToken stop in codec.Stops.Where(stop => stop.Sources is [PromptFormat.TurnEndSource]))
        {
            yield return "WARNING".PadRight(Show.LabelWidth) + $"no file of the model names {stop.Text} ({stop.Id}) as a stop token, but its chat "
                + "template ends a turn with it: it is added";
        }
    }
}
