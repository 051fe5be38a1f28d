using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Functions;

public sealed class OutputHeadTests
{
    [Theory]
    [InlineData(1, 4, 2, 1.0, 0)]
    [InlineData(37, 16, 50, 1.0, 5)]
    [InlineData(37, 16, 53, 0.6, 37)]
    [InlineData(64, 24, 800, 1.7, 64)]
    [InlineData(65, 24, 801, 1.0, 64)]
    [InlineData(10, 8, 9, 1.0, 1000)]
    public void Chunked_and_full_scores_and_gradients_agree(int rows, int width, int vocab, double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(rows, vocab);
        Twins.AssertSame(
            t => Pair(OutputHead.Fused(t[0], t[1], targets, temperature, chunk)),
            t => Pair(OutputHead.Composite(t[0], t[1], targets, temperature)),
            1e-5, Twins.Normal(1, [rows, width]), Twins.Normal(2, [vocab, width]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_result_may_be_used_alone(bool logProb)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(20, 30);
        Tensor Pick(HeadScores scores) => logProb ? scores.LogProb : scores.Entropy;
        Twins.AssertSame(
            t => [Pick(OutputHead.Fused(t[0], t[1], targets, 0.9, 7))], t => [Pick(OutputHead.Composite(t[0], t[1], targets, 0.9))],
            1e-5, Twins.Normal(1, [20, 12]), Twins.Normal(2, [30, 12]));
    }

    [Fact]
    public void Any_type_goes_by_chunks()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(11, 13);
        Tensor hidden = Twins.Normal(1, [11, 6], ScalarType.Float64), weight = Twins.Normal(2, [13, 6], ScalarType.Float64);
        Twins.AssertSame(
            t => Pair(OutputHead.Fused(t[0], t[1], targets, 0.8, 4)),
            t => Pair(OutputHead.Composite(t[0], t[1], targets, 0.8)),
            1e-12, hidden, weight);
        Twins.AssertGradients(t => Pair(OutputHead.Composite(t[0], t[1], targets, 0.8)), hidden, weight);
        Twins.AssertGradients(t => Pair(OutputHead.Fused(t[0], t[1], targets, 0.8, 4)), hidden, weight);
    }

    [Fact]
    public void A_frozen_head_gets_no_gradient_and_the_hidden_states_the_same_one()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = Targets(20, 30), weight = Twins.Normal(2, [30, 12]), hidden = Twins.Normal(1, [20, 12]);
        double[][] free = Twins.Run(t => Pair(OutputHead.Fused(t[0], t[1], targets, 1, 7)), hidden, weight);
        double[][] frozen = Twins.Run(t => Pair(OutputHead.Fused(t[0], t[1], targets, 1, 7)), hidden, weight.detach());
        Assert.Equal(4, free.Length);
        Assert.Equal(3, frozen.Length);
        Assert.Equal(free[2], frozen[2]);
    }

    [Fact]
    public void Entropy_of_confident_rows_is_accurate_for_large_logits()
    {
        using DisposeScope scope = NewDisposeScope();
        // Logits 1000 and 1000 − ln 999 … : p = (0.999, 0.001) whatever the offset.
        float small = -MathF.Log(999);
        Tensor hidden = tensor(new[] { 1f, 0f, 0f, 1f }).view(2, 2), weight = tensor(new[] { 1000f, 0f, 1000f + small, small }).view(2, 2);
        HeadScores scores = OutputHead.Fused(hidden, weight, tensor(new long[] { 0, 1 }));
        double exact = -(0.999 * Math.Log(0.999)) - (0.001 * Math.Log(0.001));
        Assert.Equal(exact, Twins.Values(scores.Entropy)[1], 1e-7);
        Assert.Equal(exact, Twins.Values(scores.Entropy)[0], 1e-5);
        Assert.Equal(Math.Log(0.001), Twins.Values(scores.LogProb)[1], 1e-5);
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_refused_by_row()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tooLarge = tensor(new long[] { 1, 4 }), fine = tensor(new long[] { 1, 1 });
        ArgumentException error = Assert.Throws<ArgumentException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), tooLarge));
        Assert.Contains("row 1", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 2), fine));
        Assert.Throws<ArgumentException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), tensor(new long[] { 1 })));
        Assert.Throws<ArgumentOutOfRangeException>(() => OutputHead.Score(zeros(2, 3), zeros(4, 3), fine, temperature: 0));
    }

    internal static Tensor Targets(int rows, int vocab) => tensor(Enumerable.Range(0, rows).Select(i => (long)(i * 7919 % vocab)).ToArray());

    private static Tensor[] Pair(HeadScores scores) => [scores.LogProb, scores.Entropy];
}
