using System.Diagnostics;
using System.Runtime.InteropServices;
using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Everything that changes during training: the trained parameters of the model, the method with its own, and the optimizers.
/// It gathers the gradients of the method's loss; the method's update rule applies them.
/// </summary>
internal sealed class Learner : IDisposable
{
    private readonly Recipe _recipe;
    private readonly MasterWeights? _masters;
    private bool _measuresGap;

    private Learner(MethodContext context, MasterWeights? masters, Method method)
    {
        Recipe recipe = _recipe = context.Recipe;
        (Policy, Method, _masters) = (context.Policy, method, masters);
        (Device, Parameters, Ranks) = (context.Device, context.Learning, context.Ranks);
        Groups =
        [
            new("model", Make(Parameters, recipe.WeightDecay), method.ModelRatio, recipe.MaxGradNorm, Metrics.GradNorm)
            {
                Penalty = recipe is { Trainable: TrainableKind.Sorsa, SorsaGamma: > 0, LearningRate: > 0 }
                    ? new OrthonormalPenalty(Parameters, recipe.SorsaGamma / recipe.LearningRate)
                    : null,
            },
            .. method.Parameters.Select(extra => new ParameterGroup(
                extra.Name, Make([(extra.Tensor, extra.Parameter)], weightDecay: 0), _ => extra.Ratio, extra.MaxGradNorm, extra.Norm)),
        ];
        using DisposeScope scope = NewDisposeScope();
        bool keepsStart = recipe.EpisodeSteps > 0 || recipe.Objective.KeepsStart;
        StartValues = keepsStart ? [.. Learning.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())] : [];
    }

    /// <summary>Where the model is.</summary>
    public ComputeDevice Device { get; }

    /// <summary>Who trains together.</summary>
    public Ranks Ranks { get; }

    /// <summary>The model that samples and learns.</summary>
    public Policy Policy { get; }

    /// <summary>What is minimized.</summary>
    public Method Method { get; }

    /// <summary>Whether <see cref="Parameters"/> are copies of the model's own.</summary>
    public bool HasMasters => _masters is not null;

    /// <summary>
    /// What the optimizer updates in the model, by checkpoint name, in a fixed order: its own parameters, or their float32 copies.
    /// </summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>The parameter groups: the model's, then each of the method's own.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>Tensors of others, beside the method's, that a resumed run must find as they were; filled in place.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Beside { get; set; } = [];

    /// <summary>All that learns, in the model and beside it.</summary>
    public IEnumerable<Parameter> Learning =>
        [.. Parameters.Select(pair => pair.Parameter), .. Method.Parameters.Select(extra => extra.Parameter)];

    /// <summary>
    /// What <see cref="Learning"/> was at the start, in its order, also where a run is then resumed; empty where neither the method nor
    /// the recipe may need it.
    /// </summary>
    public IReadOnlyList<Tensor> StartValues { get; }

    /// <summary>What the recipe's rates are multiplied by: less than 1 after the guard went back to a good checkpoint.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>Number of values that learn in the model.</summary>
    public long Size => Parameters.Sum(pair => pair.Parameter.NumberOfElements);

    /// <summary>Chooses what learns in a model as it was loaded; the policy then belongs to the learner.</summary>
    public static Learner Start(Policy policy, Recipe recipe, string startModel, ComputeDevice? device = null, Ranks? ranks = null)
    {
        SetTypes(policy.Model, recipe);
        policy.Model.GradientCheckpointing = recipe.GradientCheckpointing;
        if (recipe.GradientCheckpointing) HostMemory.GiveBackLargeBlocks();
        if (recipe.Trainable == TrainableKind.Lora)
            policy.Model.AddLora(recipe.LoraRank, recipe.LoraAlpha, recipe.LoraTargets, recipe.Seed);
        if (recipe.Trainable == TrainableKind.Pissa) policy.Model.AddPissa(recipe.LoraRank, recipe.LoraTargets);
        if (recipe.Trainable == TrainableKind.Sorsa) policy.Model.AddSorsa(recipe.LoraRank, recipe.LoraTargets);
        TrainableSet set = recipe.Trainable switch
        {
            TrainableKind.All => TrainableSet.All,
            TrainableKind.Body => TrainableSet.Body,
            TrainableKind.Norms => TrainableSet.Norms,
            _ => TrainableSet.Lora,
        };
        IReadOnlyList<(string Name, Parameter Parameter)> parameters = policy.Model.Select(set);
        MasterWeights? masters = recipe.Weights == WeightsKind.Float32 ? null : new MasterWeights(parameters);
        var context = new MethodContext(policy, recipe, startModel, device ?? ComputeDevice.Cpu, masters?.Masters ?? parameters)
        {
            Ranks = ranks ?? new Ranks(),
        };
        return new Learner(context, masters, ((MethodDeclaration)recipe.Objective).Create(context));
    }

    /// <summary>Gives a model as it was loaded the recipe's types of weights and of products.</summary>
    public static void SetTypes(CausalLM model, Recipe recipe)
    {
        if (recipe.Weights == WeightsKind.Bfloat16) model.to(ScalarType.BFloat16);
        if (recipe.Compute != WeightsKind.Bfloat16) return;
        Bfloat16Units.Require(model.HeadWeight.device, "compute bfloat16");
        model.Compute = ScalarType.BFloat16;
    }

    /// <summary>Prepares for the answers of a step, before its first update.</summary>
    public void BeginStep(IReadOnlyList<Sample> learning)
    {
        _measuresGap = true;
        Method.BeginStep(learning);
    }

    /// <summary>
    /// Adds the gradients of the method's loss for one update, and measures it. Where there are several ranks, each does so for its part of the
    /// answers, with the weights that these have among all; then gradients, loss, what the method adds up and what is measured become the
    /// sums of all ranks. Until then there may be no other gradients.
    /// </summary>
    /// <param name="batch">The answers of the update; at least one.</param>
    /// <param name="meter">Takes the measurements.</param>
    /// <returns>[] float64, the loss, owned by the caller; null when there is nothing to learn from, and then no gradient either.</returns>
    public Tensor? Accumulate(Sample[] batch, Meter meter)
    {
        batch = Method.Learned(batch);
        // Without advantages only the regularizers are left. Among advantages they count by their coefficients; alone AdamW would scale them
        // up to a step as long as any other, whatever their coefficients (docs/rewards.md).
        if (_recipe.Objective.UsesRewards && Array.TrueForAll(batch, sample => sample.Advantage == 0)) return null;
        if (batch.Length == 0) return null;
        double[] weights = TokenWeights.For([.. batch.Select(Method.Choice.Count)], _recipe.Aggregation, _recipe.MaxNewTokens);
        using DisposeScope whole = NewDisposeScope();
        Tensor? total = null, entered = null;
        using var aside = new Meter();
        Meter own = Ranks.AreSeveral ? aside : meter;
        ArraySegment<Sample> share = MicroBatches.Share(batch, Ranks);
        int place = share.Offset;
        foreach (ArraySegment<Sample> part in MicroBatches.Split([.. share], _recipe.MicroBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden_TD = rows.Hidden(Policy.Model), head_VD = Policy.Model.HeadWeight; // [answer tokens, width], [vocab, width]
            meter.Lap(Metrics.ForwardSeconds, clock);
            using TokenBatch tokens = TokenBatch.Choose(Method, part, rows, hidden_TD, head_VD, weights.AsSpan(place));
            bool isFirst = place == 0;
            place += part.Count;
            if (tokens.Count == 0) continue;
            clock.Restart();
            Method.BeforeLoss(tokens, head_VD);
            meter.Lap(Metrics.ForwardSeconds, clock);
            Tensor loss = tokens.Backward(Method.States(tokens.Hidden), head_VD, Method.Loss, Method.Temperature);
            meter.Lap(Metrics.BackwardSeconds, clock);
            _masters?.GatherGradients();
            Add(ref total, loss);
            if (tokens.Entered is not null) Add(ref entered, tokens.Entered);
            tokens.Measure(own);
            MeasureGap(part, rows, hidden_TD, tokens, own, isFirst);
        }

        if (Ranks.AreSeveral) Exchange(ref total, ref entered, aside, meter);
        if (total is null) return null;
        _measuresGap = false;
        Method.EndUpdate(meter);
        return entered is null ? total.MoveToOuterDisposeScope() : Rescale(total, entered);
    }

    /// <summary>Refuses to go on where the ranks no longer have the same weights: each moves its own, all by the same numbers.</summary>
    /// <exception cref="RanksException">One has others; the message names it.</exception>
    public void CompareRanks()
    {
        if (!Ranks.AreSeveral) return;
        ulong own = 0;
        foreach (Parameter parameter in Learning)
        {
            foreach (uint bits in MemoryMarshal.Cast<float, uint>(Floats.Of(parameter))) own = (own * 1099511628211) + bits;
        }

        if (Ranks.Other(BitConverter.GetBytes(own)) is { } other) throw new RanksException($"rank {other} has other weights than rank 0: are their machines and threads alike? Go on from the last checkpoint");
    }

    /// <summary>Copies what the optimizer has updated into the model.</summary>
    public void Publish() => _masters?.Publish();

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (ParameterGroup group in Groups) group.Optimizer.ZeroGrad();
    }

    /// <summary>
    /// Puts parameters, method and optimizers back to the start; only for recipes that may need it, others do not keep it.
    /// </summary>
    public void Reset()
    {
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach ((Parameter parameter, Tensor start) in Learning.Zip(StartValues)) parameter.copy_(start).DetachFromDisposeScope();
        }

        Publish();
        Method.Numbers.Clear();
        foreach (ParameterGroup group in Groups) group.Optimizer.Reset();
    }

    public void Dispose()
    {
        foreach (ParameterGroup group in Groups) group.Optimizer.Dispose();
        foreach (Tensor start in StartValues) start.Dispose();
        Method.Dispose();
        _masters?.Dispose();
        Policy.Dispose();
    }

    private static void Add(ref Tensor? sum, Tensor value) =>
        (sum ??= zeros([], ScalarType.Float64, value.device).MoveToOuterDisposeScope()).AddInPlace(value.detach());

    /// <summary>Makes all that was gathered the sums of all ranks; what no rank has stays null.</summary>
    private void Exchange(ref Tensor? total, ref Tensor? entered, Meter own, Meter meter)
    {
        var clock = Stopwatch.StartNew();
        Parameter[] learning = [.. Learning];
        double[] sums = Ranks.Sum(
        [
            total is null ? 0 : 1, total?.item<double>() ?? 0, entered is null ? 0 : 1, entered?.item<double>() ?? 0,
            .. learning.Select(parameter => parameter.grad is null ? 0.0 : 1),
            .. Method.Sums.SelectMany(sum => sum.cpu().data<double>().ToArray()),
        ]);
        total = sums[0] > 0 ? tensor(sums[1], ScalarType.Float64, learning[0].device) : null;
        entered = sums[2] > 0 ? tensor(sums[3], ScalarType.Float64, learning[0].device) : null;
        Parameter[] moved = [.. learning.Where((_, i) => sums[4 + i] > 0)];
        foreach (Parameter parameter in moved) parameter.grad ??= zeros_like(parameter, requires_grad: false);
        Ranks.Sum([.. moved.Select(parameter => parameter.grad!)]);
        int place = 4 + learning.Length;
        foreach (Tensor sum in Method.Sums)
        {
            sum.copy_(tensor(sums.AsSpan(place, (int)sum.numel()).ToArray(), sum.shape)).DetachFromDisposeScope();
            place += (int)sum.numel();
        }

        meter.Add(own, Ranks);
        meter.Lap(Metrics.ExchangeSeconds, clock);
    }

    private void MeasureGap(ArraySegment<Sample> part, AnswerRows rows, Tensor hidden, TokenBatch tokens, Meter meter, bool isFirst)
    {
        if (!_measuresGap) return;
        if (tokens.LogProbs is { } own)
        {
            LogProbGap.Measure(own, tokens.OldLogProbs, meter);
            return;
        }

        if (isFirst || !Ranks.AreSeveral) LogProbGap.Measure(Policy.Model, part, rows, hidden, _recipe.Temperature, meter);
        _measuresGap = false;
    }

    /// <summary>Where the loss has left tokens out, weights were those of all: makes them add up to one again.</summary>
    private Tensor? Rescale(Tensor total, Tensor entered)
    {
        using IDisposable noGradient = no_grad();
        if (entered.item<double>() == 0)
        {
            ZeroGrad();
            return null;
        }

        foreach (Parameter parameter in Learning) parameter.grad?.div_(entered);
        return (total / entered).MoveToOuterDisposeScope();
    }

    private Optimizer Make(IReadOnlyList<(string Name, Parameter Parameter)> parameters, double weightDecay)
    {
        ulong? rounding = _recipe.OptimizerState == WeightsKind.Bfloat16 ? _recipe.Seed : null;
        return _recipe.Optimizer == OptimizerKind.Adamw
            ? Optimizer.AdamW(parameters, _recipe.Beta1, _recipe.Beta2, _ => weightDecay, rounding)
            : Optimizer.Sgd(parameters, _recipe.Momentum, _ => weightDecay, rounding);
    }
}

/// <summary>Parameters with one optimizer.</summary>
/// <param name="Name">What they are called in messages.</param>
/// <param name="Optimizer">Updates them.</param>
/// <param name="Ratio">Their rate in a step divided by the recipe's; at 0 they stay.</param>
/// <param name="MaxGradNorm">Their gradients are scaled down to this norm; 0 stands for no limit.</param>
/// <param name="Norm">The metric of their gradients' norm.</param>
internal sealed record ParameterGroup(string Name, Optimizer Optimizer, Func<int, double> Ratio, double MaxGradNorm, Metric Norm)
{
    /// <summary>What is added to their gradients after clipping; null for nothing.</summary>
    public OrthonormalPenalty? Penalty { get; init; }
}
