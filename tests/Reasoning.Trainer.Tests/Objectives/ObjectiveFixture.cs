using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Objectives;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Objectives;

/// <summary>The tiny model with sampled answers that have been given advantages.</summary>
internal sealed class ObjectiveFixture : IDisposable
{
    public ObjectiveFixture(Recipe recipe)
    {
        Recipe = recipe with { MaxNewTokens = 16, SamplesPerPrompt = 6 };
        Learner = Learner.Start(Policy.Load(TinyModel.Folder), Recipe);
        Prompt[] prompts = [new("a", "Take 1 and 2"), new("b", "Take 3 and 4")];
        Samples = [.. SampleGroups.From(Learner.Policy, prompts, Recipe, step: 1, null, default).SelectMany(group => group.Samples)];
        for (int i = 0; i < Samples.Length; i++)
        {
            Samples[i].Learns = true;
            Samples[i].Advantage = (i % 3) - 1.0;
        }
    }

    public Recipe Recipe { get; }

    public Learner Learner { get; }

    public Sample[] Samples { get; }

    public Meter Meter { get; } = new();

    /// <summary>That of the recipe.</summary>
    public IObjective Objective() => Recipe.Objective switch
    {
        ObjectiveKind.Entropy => new EntropyObjective(Learner.Policy, Recipe, Learner.Absorb),
        ObjectiveKind.Zerosiam => new ZeroSiamObjective(Learner.Policy, Learner.Predictor!, Recipe, Learner.Absorb),
        _ => new GrpoObjective(Learner.Policy, ReferenceModel.Load(TinyModel.Folder, Learner), Recipe, Learner.Absorb),
    };

    /// <summary>Loss and gradients of one update; gradients are those of the model, then of the predictor.</summary>
    public (double Loss, float[][] Gradients) Differentiate(IObjective objective, Sample[]? samples = null)
    {
        Learner.ZeroGrad();
        objective.Begin(samples ?? Samples);
        using Tensor loss = objective.Accumulate(samples ?? Samples, Meter) ?? throw new InvalidOperationException("nothing to learn from");
        using DisposeScope scope = NewDisposeScope();
        float[][] gradients = [.. Learner.Parameters.Select(pair => Floats.Of(pair.Parameter.grad!))];
        if (Learner.Predictor is not null) gradients = [.. gradients, Floats.Of(Learner.Predictor.Weight.grad!)];
        return (loss.item<double>(), gradients);
    }

    /// <summary>Largest difference between two lists of gradients, relative to the largest gradient.</summary>
    public static double Distance(float[][] a, float[][] b)
    {
        double largest = a.Max(values => values.Max(value => Math.Abs((double)value)));
        return a.Zip(b, (x, y) => x.Zip(y, (u, v) => Math.Abs((double)u - v)).Max()).Max() / largest;
    }

    public void Dispose()
    {
        Learner.Dispose();
        Meter.Dispose();
    }
}
