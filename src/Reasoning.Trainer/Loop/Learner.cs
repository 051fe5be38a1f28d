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
    private readonly float[][] _start;
    private readonly MasterWeights? _masters;

    private Learner(Policy policy, IReadOnlyList<(string Name, Parameter Parameter)> parameters, Predictor? predictor, Recipe recipe)
    {
        Policy = policy;
        _masters = recipe.Weights == WeightsKind.Float32 ? null : new MasterWeights(parameters);
        Parameters = parameters = _masters?.Masters ?? parameters;
        Predictor = predictor;
        Optimizer = Make(recipe, [.. parameters.Select(pair => pair.Parameter)], recipe.WeightDecay);
        PredictorOptimizer = predictor is null ? null : Make(recipe, [predictor.Weight], weightDecay: 0);
        _start = recipe.EpisodeSteps > 0 ? [.. Learning.Select(Floats.Of)] : [];
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

    public OptimizerHelper Optimizer { get; }

    public OptimizerHelper? PredictorOptimizer { get; }

    private IEnumerable<Parameter> Learning =>
        Predictor is null ? Parameters.Select(pair => pair.Parameter) : Parameters.Select(pair => pair.Parameter).Append(Predictor.Weight);

    private IEnumerable<OptimizerHelper> Optimizers => PredictorOptimizer is null ? [Optimizer] : [Optimizer, PredictorOptimizer];

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
        foreach (Parameter parameter in Learning) parameter.grad = null;
    }

    /// <summary>
    /// Puts parameters, predictor and optimizers back to the start; only for recipes with episodes, others do not keep it.
    /// </summary>
    public void Reset()
    {
        foreach ((Parameter parameter, float[] start) in Learning.Zip(_start)) Floats.Fill(parameter, start);
        Publish();
        foreach (OptimizerHelper optimizer in Optimizers)
        {
            optim.Optimizer.StateDictionary state = optimizer.state_dict();
            foreach (OptimizerState moments in state.State) moments.Initialize(state.Options[0]);
        }
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        PredictorOptimizer?.Dispose();
        Predictor?.Dispose();
        _masters?.Dispose();
        Policy.Dispose();
    }

    private static OptimizerHelper Make(Recipe recipe, Parameter[] parameters, double weightDecay) => recipe.Optimizer switch
    {
        OptimizerKind.Adamw => optim.AdamW(parameters, recipe.LearningRate, recipe.Beta1, recipe.Beta2, weight_decay: weightDecay),
        _ => optim.SGD(parameters, recipe.LearningRate, recipe.Momentum, weight_decay: weightDecay),
    };
}
