using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

public sealed class MemoryTests
{
    [Fact]
    public void Live_tensors_are_flat_from_the_third_step_on()
    {
        using CausalLM model = Shapes.Model("qwen3");
        List<Parameter> parameters = [.. model.Select(TrainableSet.All).Select(p => p.Parameter)];
        using var optimizer = optim.AdamW(parameters, lr: 1e-3);
        var counts = new List<long>();
        for (int step = 0; step < 10; step++)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                var batch = new PackedSequences([Shapes.Ids(20, (ulong)step), Shapes.Ids(11, (ulong)step + 50)]);
                Tensor targets = tensor(Array.ConvertAll(batch.Ids, id => (long)id));
                HeadScores scores = OutputHead.Score(model.Hidden(batch), model.HeadWeight, targets, chunk: 8);
                using Tensor predictor = eye(24).requires_grad_();
                ZeroSiamScores siam = ZeroSiamHead.Score(model.Hidden(batch), predictor, model.HeadWeight, chunk: 8);
                optimizer.zero_grad();
                (scores.LogProb.mean().neg() + scores.Entropy.mean() + siam.OnlineEntropy.mean() + siam.Divergence.mean()).backward();
                optimizer.step();
            }

            // Tensors held by a graph that is garbage now may wait for the collector.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }

        Assert.All(counts.Skip(3), count => Assert.Equal(counts[3], count));
    }
}
