using System.Diagnostics;
using System.Text.Json.Nodes;
using Reasoning.Eval;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Checkpoints;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Training;

/// <summary>
/// Says what a run would take: answers a few problems of each evaluation, does its first steps on the model in memory, and multiplies. Logs
/// go to a temporary folder, to be measured and deleted; nothing else is written. One step would tell the time, but not the memory: the C
/// library keeps what is freed, in pieces, so the first steps need more and more. There are as many as that takes to settle.
/// </summary>
internal sealed class DryRun(TrainRequest request, Terminal terminal)
{
    /// <summary>Batches of the sampler that a set's evaluation is measured by: fewer would mostly show how the last one thins out.</summary>
    private const int EvaluationBatches = 2;

    /// <summary>Memory has settled when a step raises its peak by less than this share …</summary>
    private const double Settled = 0.02;

    /// <summary>… or after so many steps.</summary>
    private const int MostSteps = 6;

    private readonly Recipe _recipe = request.Recipe.Recipe;

    /// <summary>Does what was asked.</summary>
    /// <exception cref="Models.UserErrorException">Something in the request cannot be.</exception>
    /// <exception cref="OperationCanceledException">Someone asked to stop.</exception>
    public Forecast Run(CancellationToken cancel)
    {
        Recipe.Require(!_recipe.HasServer, "--dry-run measures this machine, and rollouts come from a server: leave them out");
        var clock = Stopwatch.StartNew();
        PromptSet prompts = PromptSet.Load(request.Prompts);
        (string Name, string? File)[] files = [(RunFolder.TargetSet, request.Prompts), ("held-out", request.Heldout), ("source", request.Source)];
        List<EvalSet> sets =
            [.. files.Where(set => set.File is not null).Select(set => EvalSet.Of(set.Name, PromptSet.Load(set.File!), _recipe.EvalProblems))];
        NativeLibraries.Load();
        long program = Environment.WorkingSet;
        Policy policy = Policy.Load(request.Model, _recipe.Style, cancel);
        policy.Model.MoveTo(request.Device);
        using Learner learner = Learner.Start(policy, _recipe, request.Model, request.Device);
        (IReadOnlyList<Prompt> fitting, IReadOnlyList<string> refused) = PromptChoice.Of(policy, prompts, _recipe);
        int[] promptTokens = [.. fitting.Select(prompt => policy.Render(prompt).Length)];
        double start = clock.Elapsed.TotalSeconds;
        DirectoryInfo place = Directory.CreateTempSubdirectory("reasoning-dry-run-");
        try
        {
            using var judge = new Judge(_recipe, policy, _ => { }, learner);
            learner.Beside = judge.Tensors;
            using RunOwner owner = RunOwner.Start(Path.Combine(place.FullName, "run"));
            RunFolder run = owner.Run;
            (double evaluation, long evaluationBytes) = Evaluate(policy, sets, run, cancel);
            clock.Restart();
            Probe? probe = Probe.Start(policy, fitting, _recipe, cancel);
            double probing = clock.Elapsed.TotalSeconds;
            Measured measured = Steps(learner, judge, fitting, probe, run, cancel);
            int steps = _recipe.Steps;
            return new Forecast
            {
                Recipe = request.Recipe.Name,
                Steps = steps,
                Prompts = new PromptForecast(fitting.Count, refused, Quantiles.Of(promptTokens)),
                Answers = new AnswerForecast(
                    measured.Lengths.Length, Quantiles.Of(measured.Lengths), measured.TruncatedShare,
                    (int)Math.Round(measured.TruncatedShare * measured.Lengths.Length / measured.Steps * steps)),
                Memory = Memory(learner, program, promptTokens, measured),
                Disk = Disk(learner, measured, evaluationBytes),
                Time = new TimeForecast(
                    start, steps * measured.Sampling, steps * measured.Update, probing + (steps * measured.Probe), steps * measured.Writing, evaluation),
                Notes = measured.Updates > 0 ? [] : ["the probe had nothing to learn from: time and memory of an update are not in here"],
            };
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }

    /// <summary>Does the first steps of a run and reads what they have logged.</summary>
    private Measured Steps(Learner learner, Judge judge, IReadOnlyList<Prompt> prompts, Probe? probe, RunFolder run, CancellationToken cancel)
    {
        Recipe recipe = _recipe with { LogSamplesEvery = 1, EvalSamples = 0 };
        var quiet = new Terminal(TextWriter.Null, TextWriter.Null, TextReader.Null, isInteractive: false, terminal.Width);
        var episodes = new Episodes(recipe, new PromptSet(request.Prompts, prompts), new Eval.Results.EvalOptions(), run);
        var loop = new TrainLoop(learner, judge, prompts, episodes, recipe, run, new StepConsole(quiet, recipe), probe) { Saves = false };
        int most = Math.Clamp(_recipe.Steps, 1, MostSteps), done = 0;
        double before = 0, writing = 0;
        while (done < most && Peak() > before * (1 + Settled))
        {
            before = done == 0 ? 0 : Peak();
            terminal.Progress($"probe     step {done + 1}, at most {most}");
            var clock = Stopwatch.StartNew();
            if (loop.Run(new TrainingState { Step = done }, ++done, cancel).End == LoopEnd.Interrupted) throw new OperationCanceledException(cancel);
            writing = clock.Elapsed.TotalSeconds;
        }

        // The first step is slow, while machine code is made.
        JsonNode[] steps = [.. RegularFile.ReadLines(run.MetricsFile).Select(line => JsonNode.Parse(line)!)], warm = steps.Length > 1 ? steps[1..] : steps;
        JsonNode[] samples = [.. RegularFile.ReadLines(run.SamplesFile).Select(line => JsonNode.Parse(line)!)];
        writing -= ((Metric[])[Metrics.SamplingSeconds, Metrics.JudgingSeconds, Metrics.UpdateSeconds, Metrics.ProbeSeconds]).Sum(metric => Value(steps[^1], metric));
        return new Measured(
            done, Mean(Metrics.SamplingSeconds) + Mean(Metrics.JudgingSeconds), Mean(Metrics.UpdateSeconds), Mean(Metrics.ProbeSeconds), writing, Mean(Metrics.Updates),
            [.. samples.Select(sample => sample["ids"]!.AsArray().Count)],
            samples.Count(sample => sample["finish"]!.GetValue<string>() == "length") / (double)samples.Length,
            new FileInfo(run.SamplesFile).Length / done,
            (new FileInfo(run.MetricsFile).Length + (recipe.Tensorboard ? new FileInfo(run.EventsFile).Length : 0)) / done);

        double Mean(Metric metric) => warm.Average(step => Value(step, metric));

        static double Value(JsonNode step, Metric metric) => step[metric.Name]?.GetValue<double>() ?? 0;
    }

    /// <summary>Most bytes that were resident in this process.</summary>
    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Seconds and bytes of all evaluations of the run.</summary>
    private (double Seconds, long Bytes) Evaluate(Policy policy, List<EvalSet> sets, RunFolder run, CancellationToken cancel)
    {
        if (_recipe.EvalSamples == 0) return (0, 0);
        (double seconds, double bytes) = (0, 0);
        var evaluation = new BeforeAndAfter(_recipe, sets, run, baseFrom: null, terminal);
        terminal.Progress("probe     a few problems of each evaluation");
        int count = Math.Max(1, EvaluationBatches * _recipe.SamplingBatch / _recipe.EvalSamples);
        foreach (EvalSet set in sets)
        {
            EvalSet few = EvalSet.Of(set.Name, set.Prompts, count);
            var clock = Stopwatch.StartNew();
            Eval.Results.EvalFile.Write(run.EvalFile("probe", set.Name), Evaluator.Run(policy, few.Prompts, evaluation.Options, cancel: cancel));
            int problems = set.Prompts.Prompts.Count;
            bool isTarget = set == sets[0];
            // The base, the adapted model (of episodes, each its prompt of the first set), and where it is wanted the base at another temperature:
            // without greedy answers, and after a search with the target prompts.
            bool episodic = _recipe.EpisodeSteps > 0;
            int adapted = !episodic ? problems : isTarget ? _recipe.Steps / _recipe.EpisodeSteps : 0;
            bool matches = _recipe.EvalMatched && adapted >= problems;
            double files = problems + adapted + (matches ? problems : 0);
            double more = matches ? ((isTarget ? TemperatureMatch.Halvings : 0) - 1) * problems / (_recipe.EvalSamples + 1.0) : 0;
            seconds += clock.Elapsed.TotalSeconds * (files + more) / few.Prompts.Prompts.Count;
            bytes += new FileInfo(run.EvalFile("probe", set.Name)).Length * files / few.Prompts.Prompts.Count;
        }

        return (seconds, (long)bytes);
    }

    private MemoryForecast Memory(Learner learner, long program, int[] promptTokens, Measured measured)
    {
        using DisposeScope scope = NewDisposeScope();
        CausalLM model = learner.Policy.Model;
        ModelConfig config = model.Config;
        long weights = Bytes(model.parameters().Concat(model.AdapterStarts().Select(start => start.Values)));
        long masters = learner.HasMasters ? Bytes(learner.Parameters.Select(pair => pair.Parameter)) : 0;
        int branches = learner.Method.States(zeros(1, config.HiddenSize, dtype: model.HeadWeight.dtype, device: model.HeadWeight.device)).Length;
        int answers = measured.Lengths.Length / measured.Steps, together = Math.Min(_recipe.SamplingBatch, answers);
        // Prompts are kept once for all their answers.
        long positions = (long)(together * measured.Lengths.Average()) + (long)(promptTokens.Average() * Math.Min(together, _recipe.PromptsPerStep));
        return new MemoryForecast(
            request.Device.IsCpu ? Peak() : DeviceMemory.Of(request.Device)?.Used ?? 0,
            request.Device.IsCpu ? program : 0,
            weights,
            // Those of 16-bit weights are there beside those of their copies.
            Bytes(learner.Learning) + (masters / 2),
            masters + Bytes(learner.Groups.SelectMany(group => group.Optimizer.Moments.Select(moment => moment.Values))),
            Bytes([.. learner.StartValues, .. learner.Method.Tensors.Select(pair => pair.Values), .. learner.Beside.Select(pair => pair.Values),
                .. learner.Method.Parameters.Select(extra => extra.Parameter)]),
            OutputHead.ChunkBytes(model.HeadWeight, branches),
            !request.Device.IsCpu || _recipe.Weights == WeightsKind.Bfloat16 ? 0 : _recipe.SamplingWeights == WeightsKind.Bfloat16 ? weights / 2 : weights,
            2L * config.Layers * config.KeyValueHeads * config.HeadDim * positions * model.HeadWeight.element_size(),
            (long)(answers * measured.Lengths.Average()) * (sizeof(int) + sizeof(float)));

        static long Bytes(IEnumerable<Tensor> tensors) => tensors.Sum(tensor => tensor.numel() * tensor.element_size());
    }

    private DiskForecast Disk(Learner learner, Measured measured, long evaluations)
    {
        int steps = _recipe.Steps, every = _recipe.CheckpointEvery;
        int written = steps == 0 ? 0 : every == 0 ? 1 : (steps / every) + (steps % every == 0 ? 0 : 1);
        int kept = _recipe.KeepCheckpoints == 0 ? written : Math.Min(written, _recipe.KeepCheckpoints);
        // Tokenizer and configuration, as they lie beside the weights.
        long beside = Directory.Exists(request.Model)
            ? Directory.EnumerateFiles(request.Model).Where(file => !file.EndsWith(".safetensors", StringComparison.Ordinal)).Sum(file => new FileInfo(file).Length)
            : 0;
        long values = learner.Policy.Model.named_parameters().Where(pair => !Projection.IsAdapter(pair.name)).Sum(pair => pair.parameter.numel());
        long adapters = _recipe.HasAdapters ? learner.Parameters.Sum(pair => pair.Parameter.numel()) * sizeof(float) : 0;
        int logged = _recipe.LogSamplesEvery == 0 ? 0 : steps / _recipe.LogSamplesEvery;
        return new DiskForecast(
            Checkpoint.Bytes(learner) + beside, kept, Math.Min(written, kept + 1),
            _recipe.EpisodeSteps > 0 ? 0 : (values * (_recipe.Weights == WeightsKind.Bfloat16 ? 2 : 4)) + beside + adapters,
            (measured.SampleBytes * logged) + (measured.MetricBytes * steps), evaluations);
    }

    /// <summary>What the logs of the first steps say.</summary>
    /// <param name="Steps">How many.</param>
    /// <param name="Sampling">Seconds of a step, judging included.</param>
    /// <param name="Update">Seconds of a step.</param>
    /// <param name="Probe">Seconds of a step.</param>
    /// <param name="Writing">Seconds of a step.</param>
    /// <param name="Updates">Of a step.</param>
    /// <param name="Lengths">Tokens of each answer.</param>
    /// <param name="TruncatedShare">Of them.</param>
    /// <param name="SampleBytes">Of samples.jsonl for a step.</param>
    /// <param name="MetricBytes">Of metrics.jsonl and the event file for a step.</param>
    private sealed record Measured(
        int Steps, double Sampling, double Update, double Probe, double Writing, double Updates, int[] Lengths, double TruncatedShare,
        long SampleBytes, long MetricBytes);
}
