using Reasoning.Models;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Everything that changes while a run learns: the model's chosen parameters, ZeroSiam's predictor, and their optimizers.
/// </summary>
internal sealed class Learner : IDisposable
{
    private readonly Tensor[] _start;
    private readonly MasterWeights? _masters;

    private Learner(Policy policy, IReadOnlyList<(string Name, Parameter Parameter)> parameters, Predictor? predictor, Recipe recipe)
    {
        Policy = policy;
        _masters = recipe.Weights == WeightsKind.Float32 ? null : new MasterWeights(parameters);
        Parameters = _masters?.Masters ?? parameters;
        Predictor = predictor;
        Optimizer = Make(recipe, Parameters, recipe.WeightDecay);
        PredictorOptimizer = predictor is null ? null : Make(recipe, [(Predictor.Name, predictor.Weight)], weightDecay: 0);
        using DisposeScope scope = NewDisposeScope();
        _start = recipe.EpisodeSteps > 0 ? [.. Learning.Select(parameter => parameter.detach().clone().DetachFromDisposeScope())] : [];
    }

    /// <summary>Where the model is.</summary>
    public ComputeDevice Device { get; private init; } = ComputeDevice.Cpu;

    /// <summary>The model that samples and learns.</summary>
    public Policy Policy { get; }

    /// <summary>Whether <see cref="Parameters"/> are copies of the model's own.</summary>
    public bool HasMasters => _masters is not null;

    /// <summary>
    /// What the optimizer moves, by checkpoint name, in a fixed order: the model's own parameters, or their float32 copies.
    /// </summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>Only for ZeroSiam.</summary>
    public Predictor? Predictor { get; }

    public Optimizer Optimizer { get; }

    public Optimizer? PredictorOptimizer { get; }

    /// <summary>That of the model, and that of the predictor if there is one.</summary>
    public IEnumerable<Optimizer> Optimizers => PredictorOptimizer is null ? [Optimizer] : [Optimizer, PredictorOptimizer];

    private IEnumerable<Parameter> Learning =>
        Predictor is null ? Parameters.Select(pair => pair.Parameter) : Parameters.Select(pair => pair.Parameter).Append(Predictor.Weight);

    /// <summary>Number of values that learn in the model.</summary>
    public long Size => Parameters.Sum(pair => pair.Parameter.NumberOfElements);

    /// <summary>Chooses what learns in a model as it was loaded; the policy then belongs to the learner.</summary>
    public static Learner Start(Policy policy, Recipe recipe, ComputeDevice? device = null)
    {
        if (recipe.Weights == WeightsKind.Bfloat16) policy.Model.to(ScalarType.BFloat16);
        if (recipe.Compute == WeightsKind.Bfloat16)
        {
            Bfloat16Units.Require(policy.Model.HeadWeight.device, "compute bfloat16");
            policy.Model.Compute = ScalarType.BFloat16;
        }

        if (recipe.Trainable == TrainableKind.Lora)
            policy.Model.AddLora(recipe.LoraRank, recipe.LoraAlpha, recipe.LoraTargets, recipe.Seed);
        TrainableSet set = recipe.Trainable switch
        {
            TrainableKind.All => TrainableSet.All,
            TrainableKind.Norms => TrainableSet.Norms,
            _ => TrainableSet.Lora,
        };
        Predictor? predictor = recipe.Objective == ObjectiveKind.Zerosiam
            ? new Predictor(policy.Model.Config.HiddenSize, policy.Model.HeadWeight.device)
            : null;
        return new Learner(policy, policy.Model.Select(set), predictor, recipe) { Device = device ?? ComputeDevice.Cpu };
    }

    /// <summary>Takes over the gradients of a backward pass, where the model's own parameters are too narrow to sum them.</summary>
    public void Absorb() => _masters?.Absorb();

    /// <summary>Puts what the optimizer has moved into the model.</summary>
    public void Publish() => _masters?.Publish();

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (Optimizer optimizer in Optimizers) optimizer.ZeroGrad();
    }

    /// <summary>
    /// Puts parameters, predictor and optimizers back to the start; only for recipes with episodes, others do not keep it.
    /// </summary>
    public void Reset()
    {
        using (no_grad())
        using (NewDisposeScope())
        {
            foreach ((Parameter parameter, Tensor start) in Learning.Zip(_start)) parameter.copy_(start).DetachFromDisposeScope();
        }

        Publish();
        foreach (Optimizer optimizer in Optimizers) optimizer.Reset();
    }

    public void Dispose()
    {
        foreach (Optimizer optimizer in Optimizers) optimizer.Dispose();
        foreach (Tensor start in _start) start.Dispose();
        Predictor?.Dispose();
        _masters?.Dispose();
        Policy.Dispose();
    }

    private static Optimizer Make(Recipe recipe, IReadOnlyList<(string Name, Parameter Parameter)> parameters, double weightDecay) =>
        recipe.Optimizer == OptimizerKind.Adamw
            ? Optimizer.AdamW(parameters, recipe.Beta1, recipe.Beta2, _ => weightDecay)
            : Optimizer.Sgd(parameters, recipe.Momentum, _ => weightDecay);
}
