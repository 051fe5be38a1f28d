using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

/// <summary>The tiny model with sampled answers that have been given advantages.</summary>
internal sealed class MethodFixture : IDisposable
{
    public MethodFixture(Recipe recipe, ComputeDevice? device = null)
    {
        Recipe = recipe with { MaxNewTokens = 16, SamplesPerPrompt = 6 };
        var policy = Policy.Load(TinyModel.Folder);
        policy.Model.MoveTo(device ?? ComputeDevice.Cpu);
        Learner = Learner.Start(policy, Recipe, TinyModel.Folder, device);
        Prompt[] prompts = [new("a", "Take 1 and 2"), new("b", "Take 3 and 4")];
        Samples = [.. GenerateSamples.From(Learner.Policy, prompts, Recipe, step: 1, null, default).SelectMany(group => group.Samples)];
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

    /// <summary>Loss and gradients of one update; gradients are those of the model, then of what the method brings along.</summary>
    public (double Loss, float[][] Gradients) Differentiate(Sample[]? samples = null)
    {
        Learner.ZeroGrad();
        Learner.BeginStep(samples ?? Samples);
        using Tensor loss = Learner.Accumulate(samples ?? Samples, Meter) ?? throw new InvalidOperationException("nothing to learn from");
        using DisposeScope scope = NewDisposeScope();
        return (loss.item<double>(), [.. Learner.Learning.Select(parameter => Floats.Of(parameter.grad!))]);
    }

    /// <summary>One step of one update.</summary>
    public void Step(int step, Sample[]? samples = null)
    {
        Learner.BeginStep(samples ?? Samples);
        Learner.Method.Rule.Update(Learner, samples ?? Samples, step, Meter);
        Learner.Method.EndStep(Meter);
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
