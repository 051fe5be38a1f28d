using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

/// <summary>Modules, functionals and optimizer together.</summary>
public sealed class TrainingTests
{
    [Fact]
    public void A_small_network_learns_and_leaves_no_tensors_behind()
    {
        using Sequential network = nn.Sequential(
            nn.Linear(Samples.FloatParameter(1, 16, 4), Samples.FloatParameter(2, 16)),
            nn.SiLU(),
            nn.Linear(Samples.FloatParameter(3, 3, 16)));
        using Tensor inputs = Samples.Floats(4, 30, 4);
        using Tensor targets = inputs.argmax(1).clamp_max(2);
        using AdamW optimizer = optim.AdamW(network.parameters(), 0.03, weight_decay: 0.01);

        var losses = new List<double>();
        var live = new List<long>();
        for (int step = 0; step < 60; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor loss = nn.functional.cross_entropy(network.call(inputs), targets);
            loss.backward();
            nn.utils.clip_grad_norm_(network.parameters(), 1);
            optimizer.step();
            losses.Add(loss.ToDouble());
            live.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount - scope.DisposablesCount);
        }

        Assert.True(losses[^1] < 0.3 * losses[0], $"loss {losses[0]} became {losses[^1]}");
        Assert.Single(live.Skip(1).Distinct());
    }

    [Fact]
    public void A_bfloat16_model_is_trained_by_tensor_operations()
    {
        using Linear model = nn.Linear(new Parameter(Samples.Doubles(1, 2, 3).to(ScalarType.BFloat16)));
        using AdamW optimizer = optim.AdamW(model.parameters(), 0.1);
        using Tensor x = Samples.Doubles(2, 4, 3).to(ScalarType.BFloat16);
        double[] before = Samples.Values(model.weight);
        model.call(x).sum().backward();
        optimizer.step();
        double[] after = Samples.Values(model.weight);
        double[] moved = before.Zip(after, static (a, b) => Math.Abs(a - b)).ToArray();
        Assert.All(moved, static distance => Assert.InRange(distance, 0.08, 0.12)); // the first step of Adam is the learning rate
        Assert.Equal(ScalarType.BFloat16, ((AdamW.State)optimizer.state_dict().State[0]).exp_avg.dtype);
    }
}
