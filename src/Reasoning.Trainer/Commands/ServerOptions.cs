using System.CommandLine;
using Reasoning.Models.Chat;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Servers;

namespace Reasoning.Trainer.Commands;

/// <summary>Options of a command whose answers may come from a server.</summary>
internal sealed class ServerOptions
{
    /// <summary>What stands under numbers of a server's answers.</summary>
    public const string Caveat = "  A server gave the answers: its weights, their type and how it draws are what it says they are, and are not known here.";

    /// <summary>The same as machines read it.</summary>
    public const string Unknown = "weights, dtype, sampler";

    private readonly Option<string> _engine;

    private readonly Option<string> _model = new("--engine-model")
    {
        HelpName = "NAME",
        Description = "With --engine URL: the model, as the server names it. Default: the first of its /v1/models.",
    };

    private readonly Option<int> _parallel = new("--engine-requests")
    {
        HelpName = "N",
        Description = "With --engine URL: most requests at once, 1 to 1024.",
        DefaultValueFactory = _ => 16,
    };

    private readonly Option<int> _timeout = new("--engine-timeout")
    {
        HelpName = "S",
        Description = "With --engine URL: seconds after which an answer is asked for again, up to five times.",
        DefaultValueFactory = _ => 600,
    };

    /// <summary>Gives a command these options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="engine">Its option for the engine.</param>
    public ServerOptions(Command command, Option<string> engine)
    {
        _engine = engine;
        foreach (Option option in (Option[])[_model, _parallel, _timeout]) command.Options.Add(option);
    }

    /// <summary>Whether a server is to answer.</summary>
    public bool IsAsked(ParseResult parsed) => Address.Is(parsed.GetValue(_engine)!);

    /// <summary>Most requests at once.</summary>
    public int Parallel(ParseResult parsed) => CommonOptions.InRange(parsed.GetValue(_parallel), 1, 1024, "--engine-requests");

    /// <summary>Finds the server and makes sure that it reads a prompt as the model's files do.</summary>
    /// <param name="parsed">What was asked.</param>
    /// <param name="model">Checkpoint folder or GGUF file of what it serves.</param>
    /// <param name="style">How problems become input; null for what the model says.</param>
    /// <param name="first">A prompt to try.</param>
    /// <param name="terminal">Told what was chosen.</param>
    /// <param name="cancel">Ends it.</param>
    public Answering Open(ParseResult parsed, string model, PromptStyle? style, Prompt first, Terminal terminal, CancellationToken cancel)
    {
        var patience = new Patience { Silence = TimeSpan.FromSeconds(CommonOptions.InRange(parsed.GetValue(_timeout), 1, 86400, "--engine-timeout")) };
        InferenceServer server = InferenceServer.Open(
            parsed.GetValue(_engine)!, parsed.GetValue(_model), Environment.GetEnvironmentVariable(InferenceServer.KeyVariable), patience, cancel);
        Answering answering = Answering.OnServer(server, model, style, terminal);
        try
        {
            ((ServerSource)answering.Source).Probe(answering.Codec.Render(first), cancel);
            return answering;
        }
        catch
        {
            answering.Dispose();
            throw;
        }
    }
}
