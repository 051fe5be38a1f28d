using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>
/// Trains the starter model from scratch on generated problems: mean negative log-probability of the answer tokens, AdamW, a clipped
/// gradient, each problem read once. The result is a function of the options (and of the backend's rounding), whatever the log interval.
/// </summary>
public static class Pretrainer
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.95;

    /// <summary>Trains and writes the checkpoint in bfloat16. A run that is cancelled or out of time writes what it has.</summary>
    /// <param name="options">What to do.</param>
    /// <param name="log">Gets a line now and then.</param>
    /// <param name="clock">Measures speed and the time limit; null for the system's.</param>
    /// <param name="cancel">Looked at before every step.</param>
    /// <exception cref="UserErrorException">An option is out of range, or the folder cannot be written.</exception>
    /// <exception cref="InvalidOperationException">The loss is no longer finite.</exception>
    public static PretrainResult Run(PretrainOptions options, TextWriter log, TimeProvider? clock = null, CancellationToken cancel = default)
    {
        options.Check();
        var problems = new TrainingStream(options.Seed, options.Mix);
        using Policy policy = NewPolicy(options, problems);
        if (options.Bfloat16) policy.Model.Compute = ScalarType.BFloat16;
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = policy.Model.Select(TrainableSet.All);
        long count = parameters.Sum(p => p.Parameter.numel());
        log.WriteLine($"{count:N0} parameters, vocabulary {policy.Tokenizer.VocabSize}, {options.Steps} steps of {options.ProblemsPerStep} problems");

        var progress = new PretrainLog(log, options, clock ?? TimeProvider.System);
        using (var optimizer = Optimizer.AdamW(parameters, Beta1, Beta2, parameter => parameter.ndim > 1 ? options.WeightDecay : 0))
        {
            for (int step = 0; step < options.Steps && !cancel.IsCancellationRequested; step++)
            {
                if (options.MaxMinutes > 0 && progress.Elapsed.TotalMinutes >= options.MaxMinutes) break;
                TrainingBatch batch = Batch(policy, problems, options, step);
                double rate = WarmupCosine.At(step, options.Steps, options.WarmupSteps, options.LearningRate);
                (double loss, double norm) = Step(policy.Model, optimizer, batch, rate, options.ClipNorm);
                if (!double.IsFinite(loss)) throw new InvalidOperationException($"pretrain: the loss of step {step + 1} is {loss}; lower the learning rate");
                progress.Add(loss, batch.Inputs.Tokens, norm, rate);
            }
        }

        var result = new PretrainResult(
            progress.Steps, (long)progress.Steps * options.ProblemsPerStep, progress.Tokens, count, progress.FirstLoss, progress.Loss, progress.Elapsed);
        if (result.Steps < options.Steps) log.WriteLine($"ended after {result.Steps} of {options.Steps} steps; the learning rate had not reached its end");
        CheckpointFolder.Write(
            options.Out,
            folder =>
            {
                policy.WriteTo(folder, SafeTensorsDType.BF16);
                PretrainRecord.Write(Path.Combine(folder, PretrainRecord.FileName), options, result);
            },
            CancellationToken.None); // what a cancelled run has, it writes
        return result;
    }

    private static Policy NewPolicy(PretrainOptions options, TrainingStream problems)
    {
        Tokenizer tokenizer = StarterTokenizer.Train(problems, options.TokenizerProblems, options.Model.VocabSize, options.Model.MaxPositions);
        int end = tokenizer.EosId!.Value;
        ModelConfig config = options.Model with { VocabSize = tokenizer.VocabSize, EosIds = [end] };
        config.Validate("pretrain");
        StopToken stop = new(end, StarterTokenizer.EndOfText, ["config.json", "generation_config.json"]);
        return new Policy(CausalLM.Create(config, options.Seed), tokenizer, [stop]);
    }

    private static TrainingBatch Batch(Policy policy, TrainingStream problems, PretrainOptions options, int step)
    {
        int end = policy.Tokenizer.EosId!.Value;
        ulong first = (ulong)step * (ulong)options.ProblemsPerStep;
        return TrainingBatch.Of(
            [.. Enumerable.Range(0, options.ProblemsPerStep).Select(i => TrainingExample.Of(problems[first + (ulong)i], policy, end))]);
    }

    private static (double Loss, double GradientNorm) Step(
        CausalLM model, Optimizer optimizer, TrainingBatch batch, double rate, double clip)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = model.Hidden(batch.Inputs).index_select(0, tensor(batch.Rows)); // [answer tokens, width]
        Tensor targets = tensor(batch.Targets);
        Tensor loss = OutputHead.Backward(
            [hidden], model.HeadWeight, rows => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum().DividedBy(-batch.Targets.Length));
        double[] values = Floats.Numbers([loss, optimizer.GradientNorm()]);
        optimizer.Step(rate, Optimizer.ClipScale(values[1], clip));
        optimizer.ZeroGrad();
        return (values[0], values[1]);
    }
}
