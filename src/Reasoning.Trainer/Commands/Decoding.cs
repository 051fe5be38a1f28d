using System.CommandLine;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;

namespace Reasoning.Trainer.Commands;

/// <summary>Options of commands that answer prompts: what is done to logits before a token is drawn, and a second model.</summary>
internal sealed class Decoding
{
    /// <summary>Prompts that a quantile is taken over.</summary>
    private const int Calibration = 16;

    private readonly Option<int> _steps = new("--em-steps")
    {
        HelpName = "N",
        Description = "Before each token, minimize the entropy of its logits by at most this many Adam steps (EM-INF); 0 leaves them as they are. "
            + "Greedy answers are the same with it.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<double> _rate = new("--em-rate")
    {
        HelpName = "R",
        Description = "With --em-steps: learning rate of the logits.",
        DefaultValueFactory = _ => 0.1,
    };

    private readonly Option<double> _threshold = new("--em-threshold")
    {
        HelpName = "H",
        Description = "With --em-steps: entropy in nats below which logits are left as they are.",
        DefaultValueFactory = _ => 0.3,
    };

    private readonly Option<double> _kl = new("--em-kl")
    {
        HelpName = "W",
        Description = "With --em-steps: weight of the divergence from the model's own distribution.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _large = new("--large-model")
    {
        HelpName = "DIR",
        Description = "A second, larger model with the same tokenizer, which takes over while the first is uncertain (entropy adaptive decoding).",
    };

    private readonly Option<double?> _up = new("--switch-entropy")
    {
        HelpName = "H",
        Description = "With --large-model: mean entropy in nats above which the large model takes over. Required, since it depends on the model.",
    };

    private readonly Option<double?> _quantile = new("--switch-quantile")
    {
        HelpName = "Q",
        Description = "With --large-model, instead of --switch-entropy: the threshold is this quantile (0 to 1) of the small model's mean entropies "
            + "over an answer of its own to each of the first 16 prompts.",
    };

    private readonly Option<double?> _down = new("--switch-back")
    {
        HelpName = "H",
        Description = "With --large-model: mean entropy at or below which the small model comes back. Default: 0.8 times --switch-entropy.",
    };

    private readonly Option<int> _window = new("--switch-window")
    {
        HelpName = "N",
        Description = "With --large-model: last tokens since the change that the mean is over.",
        DefaultValueFactory = _ => 5,
    };

    private readonly Option<int> _least = new("--switch-least")
    {
        HelpName = "N",
        Description = "With --large-model: tokens after a change before the next.",
        DefaultValueFactory = _ => 5,
    };

    private readonly bool _hasQuantile;

    /// <summary>Gives a command these options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="manyPrompts">Whether it has prompts to take a quantile over.</param>
    public Decoding(Command command, bool manyPrompts)
    {
        _hasQuantile = manyPrompts;
        foreach (Option option in (Option[])[_steps, _rate, _threshold, _kl, _large, _up, .. manyPrompts ? [_quantile] : (Option[])[], _down, _window, _least])
            command.Options.Add(option);
    }

    /// <summary>What is done to logits; null for nothing.</summary>
    /// <exception cref="UserErrorException">The engine is another one, which these options do not reach.</exception>
    public EntropyMinimization? Sharpening(ParseResult parsed, string? engine)
    {
        int steps = parsed.GetValue(_steps);
        if (steps == 0) return null;
        RefuseOthers("--em-steps", engine);
        return new EntropyMinimization
        {
            Steps = steps,
            Rate = parsed.GetValue(_rate),
            Threshold = parsed.GetValue(_threshold),
            KlWeight = parsed.GetValue(_kl),
        };
    }

    /// <summary>The large model; null where none was asked for. The caller disposes of it after it has answered.</summary>
    /// <exception cref="UserErrorException">The engine is another one, or no threshold is given.</exception>
    public Policy? Large(ParseResult parsed, string? engine)
    {
        bool hasUp = parsed.GetValue(_up) is not null, hasQuantile = _hasQuantile && parsed.GetValue(_quantile) is not null;
        if (parsed.GetValue(_large) is not { } folder)
        {
            if (hasUp || hasQuantile || parsed.GetValue(_down) is not null)
                throw new UserErrorException("--switch-entropy and --switch-back need a second model: add --large-model DIR");
            return null;
        }

        RefuseOthers("--large-model", engine);
        if (hasUp && hasQuantile) throw new UserErrorException("--switch-entropy and --switch-quantile both set the threshold: give one");
        if (!hasUp && !hasQuantile)
            throw new UserErrorException("--large-model needs --switch-entropy, the mean entropy in nats above which it takes over, such as 1");
        return Policy.Load(CommonOptions.ModelFolder(folder));
    }

    /// <summary>What answers: the model alone, or both.</summary>
    /// <param name="parsed">What was asked.</param>
    /// <param name="answering">The model.</param>
    /// <param name="large">The large model; null for none.</param>
    /// <param name="prompts">What a quantile is taken over.</param>
    /// <param name="options">How its answers are drawn.</param>
    public IRolloutSource Source(
        ParseResult parsed, Answering answering, Policy? large, IReadOnlyList<Prompt> prompts, SamplingOptions options)
    {
        if (large is null) return answering.Source;
        Policy small = answering.Policy!;
        GenerationRequest[] requests =
            [.. prompts.Where(prompt => small.Fits(prompt, options.MaxNewTokens)).Take(Calibration).Select(prompt => small.Request(prompt, samples: 1))];
        double up = parsed.GetValue(_up)
            ?? AdaptiveGenerator.Threshold(small, requests, options, parsed.GetValue(_quantile)!.Value, parsed.GetValue(_window));
        return new AdaptiveGenerator(answering.Policy!, large, new AdaptiveSettings
        {
            Up = up,
            Down = parsed.GetValue(_down) ?? (up > 0 ? 0.8 * up : up),
            Window = parsed.GetValue(_window),
            Least = parsed.GetValue(_least),
        });
    }

    private static void RefuseOthers(string option, string? engine)
    {
        if (engine is not (null or Generator.OwnEngine))
            throw new UserErrorException($"{option} is for this program's own engine: leave out --engine {(engine == CommonOptions.LlamaEngine ? engine : "URL")}");
    }
}
