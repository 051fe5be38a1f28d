using Reasoning.Models;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>Everything that changes while a run learns: the model's chosen parameters, ZeroSiam's predictor, and their optimizers.</summary>
internal sealed class Learner : IDisposable
{
    private Learner(Policy policy, IReadOnlyList<(string Name, Parameter Parameter)> parameters, Predictor? predictor, Recipe recipe)
    {
        Policy = policy;
        Parameters = parameters;
        Predictor = predictor;
        Optimizer = Make(recipe, [.. parameters.Select(pair => pair.Parameter)], recipe.WeightDecay);
        PredictorOptimizer = predictor is null ? null : Make(recipe, [predictor.Weight], weightDecay: 0);
    }

    /// <summary>The model that samples and learns.</summary>
    public Policy Policy { get; }

    /// <summary>What learns, by checkpoint name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> Parameters { get; }

    /// <summary>Only for ZeroSiam.</summary>
    public Predictor? Predictor { get; }

    public OptimizerHelper Optimizer { get; }

    public OptimizerHelper? PredictorOptimizer { get; }

    /// <summary>Number of values that learn in the model.</summary>
    public long Size => Parameters.Sum(pair => pair.Parameter.NumberOfElements);

    /// <summary>Chooses what learns in a model as it was loaded; the policy then belongs to the learner.</summary>
    public static Learner Start(Policy policy, Recipe recipe)
    {
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
        return new Learner(policy, policy.Model.Select(set), predictor, recipe);
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach ((_, Parameter parameter) in Parameters) parameter.grad = null;
        if (Predictor is not null) Predictor.Weight.grad = null;
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        PredictorOptimizer?.Dispose();
        Predictor?.Dispose();
        Policy.Dispose();
    }

    private static OptimizerHelper Make(Recipe recipe, Parameter[] parameters, double weightDecay) => recipe.Optimizer switch
    {
        OptimizerKind.Adamw => optim.AdamW(parameters, recipe.LearningRate, recipe.Beta1, recipe.Beta2, weight_decay: weightDecay),
        _ => optim.SGD(parameters, recipe.LearningRate, recipe.Momentum, weight_decay: weightDecay),
    };
}
