using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Servers;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Answers of a step from a server that runs already. What the server lacks of the policy is measured and corrected: its weights are at most
/// max-staleness updates old, and a token counts by truncated importance sampling (Ionides 2008; for servers Yao et al. 2025),
/// <code>
/// w_t = min(π(y_t) / π_server(y_t), c)
/// </code>
/// π the policy before the first update of the step, whose log-probabilities stand in for those of sampling everywhere else.
/// Where the server can load adapters while it runs (vLLM, SGLang) and adapters are what learns, it gets them; its weights are else those of
/// the start model.
/// </summary>
internal sealed class ServedRollouts : IDisposable
{
    /// <summary>Mean distance of log-probabilities, in nats, that no rounding or quantization makes: another model.</summary>
    private const double AnotherModel = 1;

    private readonly InferenceServer _server;
    private readonly ServerSource _source;
    private readonly Recipe _recipe;
    private readonly Learner _learner;
    private string _weights = "", _folder = "", _startModel = "";
    private long? _updates;
    private int _loads;

    private ServedRollouts(InferenceServer server, Recipe recipe, Learner learner)
    {
        (_server, _recipe, _learner) = (server, recipe, learner);
        _source = new ServerSource(server, learner.Policy.Codec) { NeedsIds = true };
    }

    private bool Loads => _recipe.HasAdapters && _server.Kind is ServerKind.Vllm or ServerKind.Sglang;

    /// <summary>The server of a run, asked whether it can do what it has to; null for a run that samples by itself.</summary>
    /// <exception cref="UserErrorException">It cannot, or its weights would become too old.</exception>
    public static ServedRollouts? Open(Recipe recipe, Learner learner, Prompt first, CancellationToken cancel)
    {
        if (!recipe.HasServer) return null;
        if (learner.Ranks.AreSeveral) throw new UserErrorException("rollouts of a server are for one process: start it without mpirun");
        InferenceServer server = InferenceServer.Open(
            recipe.Rollouts, recipe.RolloutsModel.Length == 0 ? null : recipe.RolloutsModel, Environment.GetEnvironmentVariable(InferenceServer.KeyVariable),
            new Patience { Silence = TimeSpan.FromMinutes(10) }, cancel);
        var served = new ServedRollouts(server, recipe, learner);
        try
        {
            served.Check(first, cancel);
            return served;
        }
        catch
        {
            served.Dispose();
            throw;
        }
    }

    /// <summary>What was chosen, for people.</summary>
    public string Describe() => $"{_server.Name}; "
        + (Loads ? "adapters are loaded into it" : $"its weights stay those of the start model, {WhyNot}")
        + $"; at most {_recipe.MaxStaleness} updates old, tokens weigh at most {Cli.Show.Number(_recipe.ImportanceCap)}";

    /// <summary>Begins or takes up a run.</summary>
    /// <param name="run">Gets the adapters that are loaded.</param>
    /// <param name="startModel">Where the start model is.</param>
    /// <param name="startHash">Its hash.</param>
    /// <param name="state">Counts the updates.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="UserErrorException">The server refuses the adapters.</exception>
    public void Begin(RunFolder run, string startModel, string startHash, TrainingState state, CancellationToken cancel)
    {
        (_folder, _startModel, _weights) = (run.ServedAdapterFolder, startModel, startHash);
        if (Loads) Load(state.Updates, cancel);
        else _updates = 0;
    }

    /// <summary>Samples the groups of a step.</summary>
    /// <inheritdoc cref="GenerateSamples.From"/>
    /// <param name="drawn">What is asked.</param>
    /// <param name="step">Part of the key of every draw.</param>
    /// <param name="state">Counts the updates.</param>
    /// <exception cref="ServerFailedException">The server fails, or has another model.</exception>
    public IReadOnlyList<PromptGroup> Sample(
        IReadOnlyList<Prompt> drawn, int step, TrainingState state, Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        if (Loads && state.Updates - _updates > _recipe.MaxStaleness) Load(state.Updates, cancel);
        IReadOnlyList<PromptGroup> groups = GenerateSamples.From(_learner.Policy, drawn, _recipe, step, progress, cancel, source: _source);
        var own = new Dictionary<Sample, Sample>();
        SampleScores.Each(
            _learner.Policy.Model, [.. groups.SelectMany(group => group.Samples)], _recipe.Temperature, _recipe.MicroBatchTokens,
            (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (sample, logProbs) => own.Add(sample, new Sample(sample.Rollout with { LogProbs = logProbs }, sample.Text, _recipe.AnswerPlace)
            {
                Served = Served.Of(sample.Rollout.LogProbs, logProbs, _recipe.ImportanceCap, _weights, (int)(state.Updates - _updates!.Value)),
            }));
        double gap = own.Values.SelectMany(sample => sample.Served!.Gaps(sample)).Average();
        if (state.Updates == _updates && gap > AnotherModel)
        {
            throw new ServerFailedException(
                $"{_server.Name}: its log-probabilities are {Cli.Show.Number(gap)} nats a token from those of the policy: it serves another model than --model");
        }

        return [.. groups.Select(group => new PromptGroup(group.Prompt, [.. group.Samples.Select(sample => own[sample])]))];
    }

    /// <summary>Measures how far the answers of a step are from the policy's.</summary>
    public static void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        Sample[] samples = [.. groups.SelectMany(group => group.Samples).Where(sample => sample.Served is not null)];
        if (samples.Length == 0) return;
        double[] gaps = [.. samples.SelectMany(sample => sample.Served!.Gaps(sample))];
        float[] weights = [.. samples.SelectMany(sample => sample.Served!.Weights)];
        meter.Mean(Metrics.RolloutStaleness, samples, sample => sample.Served!.Staleness);
        meter.Mean(Metrics.ServedGap, gaps.Sum(), gaps.Length);
        meter.Mean(Metrics.ImportanceWeight, weights.Sum(weight => (double)weight), weights.Length);
        meter.Mean(Metrics.ImportanceCut, samples.Sum(sample => sample.Served!.Cut), weights.Length);
    }

    public void Dispose()
    {
        try
        {
            if (_server.Adapter is { } name) Task.Run(() => Unload(name, CancellationToken.None)).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is UserErrorException or ServerFailedException)
        {
            // A server that has gone keeps no adapter.
        }

        _server.Dispose();
    }

    private string WhyNot => !_recipe.HasAdapters ? "for all of the model learns, and servers load adapters alone"
        : _server.Kind == ServerKind.LlamaCpp ? "for llama.cpp loads adapters only when it starts" : "for it cannot load adapters";

    private void Check(Prompt first, CancellationToken cancel)
    {
        _source.Probe(_learner.Policy.Render(first), cancel);
        long oldest = (long)(_recipe.Steps - 1) * Math.Min(_recipe.UpdatesPerRollout, _recipe.PromptsPerStep);
        if (Loads || oldest <= _recipe.MaxStaleness) return;
        throw new UserErrorException(
            $"rollouts: the weights of {_server.Name} stay those of the start model, {WhyNot}; in step {_recipe.Steps} they are up to {oldest} updates old, and max-staleness is "
            + $"{_recipe.MaxStaleness}: set max-staleness={oldest}, fewer steps, or trainable=lora with a server that loads adapters (docs/server.md)");
    }

    private void Load(long updates, CancellationToken cancel)
    {
        PeftAdapter.Save(_learner.Policy.Model, _folder, _startModel);
        string hash = FolderHash.Of(_folder, cancel), name = $"reasoning-{hash[..12]}-{Environment.ProcessId}-{++_loads}";
        Task.Run(
            async () =>
            {
                string? before = _server.Adapter;
                var body = new Dictionary<string, object> { ["lora_name"] = name, ["lora_path"] = Path.GetFullPath(_folder) };
                await _server.Post(_server.Kind == ServerKind.Vllm ? "load_lora_adapter" : "/load_lora_adapter", body, cancel);
                _server.Adapter = name;
                if (before is not null) await Unload(before, cancel);
            },
            cancel).GetAwaiter().GetResult();
        (_weights, _updates) = (hash, updates);
    }

    private Task Unload(string name, CancellationToken cancel) => _server.Post(
        _server.Kind == ServerKind.Vllm ? "unload_lora_adapter" : "/unload_lora_adapter", new Dictionary<string, object> { ["lora_name"] = name }, cancel);
}
