using Reasoning.Bench.Harness;
using Reasoning.Models.Modeling;

namespace Reasoning.Bench.Tests;

/// <summary>The sides compute the same: a comparison of speed means nothing otherwise.</summary>
public sealed class TrainingStepTests
{
    [Fact]
    public void Our_step_and_that_of_libtorch_have_one_loss_and_learn_the_same()
    {
        double[] Losses(Func<TrainingStep, double> run)
        {
            using CausalLM model = CausalLM.Load(BenchModels.Starter);
            using var step = new TrainingStep(model, sequences: 2, length: 24);
            return [run(step), run(step)];
        }

        double[] ours = Losses(step => step.Run()), eager = Losses(step => step.RunEager());
        Assert.Equal(eager[0], ours[0], 1e-4);
        Assert.Equal(eager[1], ours[1], 1e-4);
        Assert.NotEqual(ours[0], ours[1]);
    }
}
