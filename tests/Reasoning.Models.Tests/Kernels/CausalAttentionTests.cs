using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Kernels;

public sealed class CausalAttentionTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<int, int, int, int[]> Shapes => new()
    {
        { 1, 1, 2, [1] },
        { 6, 3, 32, [100, 37, 1, 64] },
        { 4, 4, 8, [1, 2, 3, 33] },
        { 8, 2, 20, [32, 31, 33] },
        { 6, 1, 48, [70] },
        { 2, 2, 64, [130, 5] },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Twins_agree(int heads, int kvHeads, int headDim, int[] lengths)
    {
        using DisposeScope scope = NewDisposeScope();
        using SequenceLayout offsets = Offsets(lengths);
        Twins.AssertSame(
            t => [CausalAttention.Fused(t[0], t[1], t[2], offsets)], t => [CausalAttention.Composite(t[0], t[1], t[2], offsets)], Tolerance,
            Twins.Normal(1, [offsets.Tokens, heads, headDim]),
            Twins.Normal(2, [offsets.Tokens, kvHeads, headDim]),
            Twins.Normal(3, [offsets.Tokens, kvHeads, headDim]));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(48)]
    [InlineData(1000)]
    public void Twins_agree_with_a_window_and_a_scale(int window)
    {
        using DisposeScope scope = NewDisposeScope();
        using SequenceLayout offsets = Offsets([100, 1, 37, 64, 33]);
        Twins.AssertSame(
            t => [CausalAttention.Fused(t[0], t[1], t[2], offsets, window, 0.7)],
            t => [CausalAttention.Composite(t[0], t[1], t[2], offsets, window, 0.7)], Tolerance,
            Twins.Normal(1, [offsets.Tokens, 6, 20]),
            Twins.Normal(2, [offsets.Tokens, 3, 20]),
            Twins.Normal(3, [offsets.Tokens, 3, 20]));
    }

    [Fact]
    public void A_window_beyond_the_sequence_changes_no_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = Twins.Normal(1, [90, 4, 16]), k = Twins.Normal(2, [90, 2, 16]), v = Twins.Normal(3, [90, 2, 16]);
        double[][] without = Twins.Run(t => [CausalAttention.Fused(t[0], t[1], t[2], new([0, 90]))], q, k, v);
        double[][] with = Twins.Run(t => [CausalAttention.Fused(t[0], t[1], t[2], new([0, 90]), 90)], q, k, v);
        Assert.Equal(without, with);
    }

    [Fact]
    public void A_token_sees_itself_and_as_many_before_as_the_window_has_room_for()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = Twins.Normal(1, [80, 2, 8], gradient: false), k = Twins.Normal(2, [80, 2, 8], gradient: false);
        Tensor v = Twins.Normal(3, [80, 2, 8], gradient: false), changed = v.clone();
        changed[20] = changed[20].Plus(1);
        Tensor before = CausalAttention.Fused(q, k, v, new([0, 80]), window: 19), after = CausalAttention.Fused(q, k, changed, new([0, 80]), window: 19);
        for (int token = 0; token < 80; token++)
        {
            bool same = Twins.Values(before[token]).SequenceEqual(Twins.Values(after[token]));
            Assert.Equal(token is < 20 or > 38, same);
        }
    }

    [Fact]
    public void Large_scores_do_not_overflow()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = Twins.Normal(1, [40, 2, 16]).Times(30), k = Twins.Normal(2, [40, 2, 16]).Times(30), v = Twins.Normal(3, [40, 2, 16]);
        Twins.AssertSame(
            t => [CausalAttention.Fused(t[0], t[1], t[2], new([0, 40]))], t => [CausalAttention.Composite(t[0], t[1], t[2], new([0, 40]))], 5e-4, q, k, v);
    }

    [Fact]
    public void A_token_sees_only_the_past_of_its_own_sequence()
    {
        using DisposeScope scope = NewDisposeScope();
        using SequenceLayout offsets = new([0, 35, 50]);
        Tensor q = Twins.Normal(1, [50, 2, 8], gradient: false), k = Twins.Normal(2, [50, 2, 8], gradient: false);
        Tensor v = Twins.Normal(3, [50, 2, 8], gradient: false);
        Tensor before = CausalAttention.Fused(q, k, v, offsets);
        Tensor keys = k.clone(), values = v.clone();
        keys[20] = keys[20].Plus(1);
        values[20] = values[20].Minus(1);
        Tensor after = CausalAttention.Fused(q, keys, values, offsets);
        for (int token = 0; token < 50; token++)
        {
            bool same = Twins.Values(before[token]).SequenceEqual(Twins.Values(after[token]));
            Assert.Equal(token is < 20 or >= 35, same);
        }
    }

    [Fact]
    public void A_sequence_is_the_same_to_the_bit_alone_and_in_a_batch()
    {
        using DisposeScope scope = NewDisposeScope();
        using SequenceLayout offsets = new([0, 13, 113, 120]);
        Tensor q = Twins.Normal(1, [120, 6, 32]), k = Twins.Normal(2, [120, 3, 32]), v = Twins.Normal(3, [120, 3, 32]);
        Tensor packed = CausalAttention.Fused(q, k, v, offsets);
        Tensor alone = CausalAttention.Fused(q.narrow(0, 13, 100), k.narrow(0, 13, 100), v.narrow(0, 13, 100), new([0, 100]));
        Assert.Equal(Twins.Values(alone), Twins.Values(packed.narrow(0, 13, 100)));
    }

    [Fact]
    public void Composite_has_the_gradient_of_its_formula()
    {
        using DisposeScope scope = NewDisposeScope();
        using SequenceLayout offsets = new([0, 1, 4, 9]);
        Twins.AssertGradients(
            t => [CausalAttention.Composite(t[0], t[1], t[2], offsets)],
            Twins.Normal(1, [9, 4, 3], ScalarType.Float64),
            Twins.Normal(2, [9, 2, 3], ScalarType.Float64),
            Twins.Normal(3, [9, 2, 3], ScalarType.Float64));
        Twins.AssertGradients(
            t => [CausalAttention.Composite(t[0], t[1], t[2], offsets, 2, 0.3)],
            Twins.Normal(1, [9, 4, 3], ScalarType.Float64),
            Twins.Normal(2, [9, 2, 3], ScalarType.Float64),
            Twins.Normal(3, [9, 2, 3], ScalarType.Float64));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = zeros(5, 4, 8), kv = zeros(5, 3, 8), short_ = zeros(4, 4, 8);
        Assert.Throws<ArgumentException>(() => CausalAttention.Fused(q, kv, kv, new([0, 5])));
        Assert.Throws<ArgumentException>(() => CausalAttention.Fused(q, short_, short_, new([0, 5])));
        Assert.Throws<ArgumentException>(() => CausalAttention.Fused(q, q, q, new([0, 4])));
        Assert.Throws<ArgumentOutOfRangeException>(() => CausalAttention.Fused(q, q, q, new([0, 5]), window: 0));
    }

    private static SequenceLayout Offsets(int[] lengths)
    {
        var offsets = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
            offsets[i + 1] = offsets[i] + lengths[i];
        return new SequenceLayout(offsets);
    }
}
