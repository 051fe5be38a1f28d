using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

/// <summary>The head by chunks against the logits of all rows at once.</summary>
public sealed class OutputHeadTests
{
    /// <summary>A loss over some rows of two branches: log-probability, entropy and a divergence, weighted by row.</summary>
    private static Tensor Loss(LogitRows rows, Tensor targets, Tensor weights)
    {
        Tensor constant = rows.LogProbs(0), logProbs = rows.LogProbs(1);
        Tensor divergence = (logProbs.exp() * (logProbs - constant)).sum(1);
        Tensor picked = LogitRows.Pick(logProbs, rows.Of(targets));
        return ((LogitRows.Entropy(logProbs).Plus(divergence.Times(0.7)) - picked.Times(0.3)) * rows.Of(weights)).sum();
    }

    [Theory]
    [InlineData(1, 4, 2, 1.0, 0)]
    [InlineData(37, 16, 50, 1.0, 5)]
    [InlineData(37, 16, 53, 0.6, 37)]
    [InlineData(65, 24, 801, 1.7, 64)]
    [InlineData(10, 8, 9, 1.0, 1000)]
    [InlineData(900, 4, 1300, 1.0, 500)]
    public void Loss_and_gradients_by_chunks_equal_those_of_all_logits_at_once(int rows, int width, int vocab, double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [rows, width]), map = Twins.Normal(2, [width, width]), weight = Twins.Normal(3, [vocab, width]);
        AssertSame(hidden, map, weight, temperature, chunk, 1e-5);
    }

    [Fact]
    public void In_float64_they_are_equal_to_the_last_digits()
    {
        using DisposeScope scope = NewDisposeScope();
        AssertSame(
            Twins.Normal(1, [11, 6], ScalarType.Float64), Twins.Normal(2, [6, 6], ScalarType.Float64),
            Twins.Normal(3, [13, 6], ScalarType.Float64), 0.8, 4, 1e-12);
    }

    [Fact]
    public void Narrow_states_meet_a_float32_weight()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(40, 70), weight = Twins.Normal(3, [70, 16]), hidden = Twins.Normal(1, [40, 16]);
        Tensor Loss(LogitRows rows) => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum();
        double exact = OutputHead.Backward([hidden], weight, Loss).item<float>();
        double[] expected = Twins.Values(weight.grad!), states = Twins.Values(hidden.grad!);
        weight.grad = null;
        Tensor narrow = hidden.detach().to(ScalarType.BFloat16).requires_grad_();
        Assert.Equal(exact, OutputHead.Backward([narrow], weight, Loss, chunk: 7).item<float>(), 0.02 * Math.Abs(exact));
        Assert.Equal(ScalarType.Float32, weight.grad!.dtype);
        Twins.AssertClose(expected, Twins.Values(weight.grad!), 0.03, "gradient of the weight");
        Twins.AssertClose(states, Twins.Values(narrow.grad!), 0.03, "gradient of the states");
    }

    [Fact]
    public void Gradients_are_added_to_what_is_there()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(20, 30), weight = Twins.Normal(2, [30, 12]), hidden = Twins.Normal(1, [20, 12]);
        void Run() => OutputHead.Backward([hidden], weight, rows => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum(), chunk: 7);
        Run();
        double[] once = [.. Twins.Values(hidden.grad!), .. Twins.Values(weight.grad!)];
        Run();
        double[] twice = [.. Twins.Values(hidden.grad!), .. Twins.Values(weight.grad!)];
        Twins.AssertClose([.. once.Select(g => 2 * g)], twice, 1e-6, "two passes");
    }

    [Fact]
    public void A_frozen_head_gets_no_gradient_and_without_any_there_is_a_loss_all_the_same()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(20, 30), weight = Twins.Normal(2, [30, 12]), hidden = Twins.Normal(1, [20, 12]);
        Tensor Loss(LogitRows rows) => LogitRows.Pick(rows.LogProbs(), rows.Of(targets)).sum();
        double free = OutputHead.Backward([hidden], weight, Loss).item<float>();
        double[] expected = Twins.Values(hidden.grad!);
        hidden.grad = null;
        Tensor frozen = weight.detach();
        Assert.Equal(free, OutputHead.Backward([hidden], frozen, Loss).item<float>());
        Assert.Equal(expected, Twins.Values(hidden.grad!));
        Assert.Null(frozen.grad);

        weight.grad = null;
        Assert.Equal(free, OutputHead.Backward([hidden.detach()], weight, Loss).item<float>());
        Assert.Null(weight.grad);
    }

    [Theory]
    [InlineData(1.0, 0)]
    [InlineData(0.6, 7)]
    public void Scores_are_those_of_all_logits_and_have_no_gradient(double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(37, 53), weight = Twins.Normal(2, [53, 16]), hidden = Twins.Normal(1, [37, 16]);
        HeadScores scores = OutputHead.Score(hidden, weight, targets, temperature, chunk);
        Tensor all = nn.functional.log_softmax(nn.functional.linear(hidden, weight).DividedBy(temperature), 1);
        Twins.AssertClose(Twins.Values(LogitRows.Pick(all, targets)), Twins.Values(scores.LogProb), 1e-5, "log-probabilities");
        Twins.AssertClose(Twins.Values(LogitRows.Entropy(all)), Twins.Values(scores.Entropy), 1e-5, "entropies");
        Assert.False(scores.LogProb.requires_grad || scores.Entropy.requires_grad);
    }

    [Fact]
    public void Entropy_of_confident_rows_is_accurate_for_large_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        // Logits 1000 and 1000 − ln 999 … : p = (0.999, 0.001) whatever the offset.
        float small = -MathF.Log(999);
        Tensor hidden = tensor(new[] { 1f, 0f, 0f, 1f }).view(2, 2), weight = tensor(new[] { 1000f, 0f, 1000f + small, small }).view(2, 2);
        HeadScores scores = OutputHead.Score(hidden, weight, tensor(new long[] { 0, 1 }));
        double exact = -(0.999 * Math.Log(0.999)) - (0.001 * Math.Log(0.001));
        Assert.Equal(exact, Twins.Values(scores.Entropy)[1], 1e-7);
        Assert.Equal(exact, Twins.Values(scores.Entropy)[0], 1e-5);
        Assert.Equal(Math.Log(0.001), Twins.Values(scores.LogProb)[1], 1e-5);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor fine = tensor(new long[] { 1, 1 });
        Assert.Throws<ArgumentException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 2), fine));
        Assert.Throws<ArgumentException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), tensor(new long[] { 1 })));
        Assert.Throws<ArgumentException>(() => OutputHead.Backward([zeros(2, 3), zeros(3, 3)], zeros(4, 3), rows => rows.Logits().sum()));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), fine, temperature: 0));
        Assert.ThrowsAny<Exception>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), tensor(new long[] { 1, 4 })));
    }

    [Fact]
    public void Log_probabilities_are_computed_once_for_each_branch_have_a_gradient_whoever_asks_first_and_live_as_long_as_the_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [5, 3], ScalarType.Float64, gradient: true), weight = Twins.Normal(2, [7, 3], ScalarType.Float64, gradient: true);
        OutputHead.Backward([hidden, hidden.detach()], weight, rows =>
        {
            using (no_grad())
            {
                using DisposeScope inner = NewDisposeScope();
                rows.LogProbs();
                rows.Entropy(1);
            }

            Assert.Same(rows.LogProbs(), rows.LogProbs());
            Assert.NotSame(rows.LogProbs(), rows.LogProbs(1));
            Assert.True(rows.LogProbs().requires_grad);
            Assert.False(rows.Entropy(1).requires_grad);
            Assert.Equal(Twins.Values(LogitRows.Entropy(nn.functional.log_softmax(rows.Logits(), 1))), Twins.Values(rows.Entropy()));
            return rows.Entropy().sum();
        });
        Assert.Contains(Twins.Values(hidden.grad!), value => value != 0);
        GC.Collect();
        GC.WaitForPendingFinalizers(); // a tensor that no scope holds would be finalized into one that is gone
    }

    internal static Tensor Targets(int rows, int vocab) => tensor(Enumerable.Range(0, rows).Select(i => (long)(i * 7919 % vocab)).ToArray());

    /// <summary>Branches: the states as constants, and a map of them.</summary>
    private static void AssertSame(Tensor hidden, Tensor map, Tensor weight, double temperature, int chunk, double tolerance)
    {
        Tensor targets = Targets((int)hidden.shape[0], (int)weight.shape[0]);
        Tensor weights = Twins.Normal(9, [hidden.shape[0]], hidden.dtype, gradient: false);
        double[][] Run(Func<Tensor[], Tensor> pass)
        {
            Tensor[] leaves = [.. new[] { hidden, map, weight }.Select(input => input.detach().clone().requires_grad_())];
            Tensor loss = pass([leaves[0].detach(), nn.functional.linear(leaves[0], leaves[1]), leaves[2]]);
            return [Twins.Values(loss.view(1)), .. leaves.Select(leaf => Twins.Values(leaf.grad!))];
        }

        double[][] expected = Run(t =>
        {
            Tensor[] logits = [nn.functional.linear(t[0], t[2].detach()).DividedBy(temperature), nn.functional.linear(t[1], t[2]).DividedBy(temperature)];
            Tensor loss = Loss(new LogitRows(0, logits), targets, weights);
            loss.backward();
            return loss;
        });
        double[][] found = Run(t => OutputHead.Backward([t[0], t[1]], t[2], rows => Loss(rows, targets, weights), temperature, chunk));
        for (int i = 0; i < expected.Length; i++) Twins.AssertClose(expected[i], found[i], tolerance, $"result {i}: loss, hidden, map, weight");
    }
}
