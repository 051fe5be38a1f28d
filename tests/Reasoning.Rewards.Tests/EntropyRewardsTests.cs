using Reasoning.Rewards.Shaping;

namespace Reasoning.Rewards.Tests;

public sealed class EntropyRewardsTests
{
    [Fact]
    public void Certainty_earns_more_whether_measured_by_likelihood_or_by_entropy()
    {
        Assert.Equal(-1.5, EntropyRewards.Sequence([-0.5f, -1f]), 6);
        Assert.Equal(-1.5, EntropyRewards.Token([0.5f, 1f]), 6);
        Assert.True(EntropyRewards.Token([0.1f, 0.1f]) > EntropyRewards.Token([0.1f, 2f]));
        Assert.Equal(0, EntropyRewards.Sequence([]));
    }

    [Fact]
    public void Without_an_answer_certainty_earns_less_than_anybody_with_one()
    {
        double deviation = Math.Sqrt(2.0 / 3); // of −2, 0 and −1
        Assert.Equal([-2, -2 - deviation, -1], EntropyRewards.MeanToken([([1f, 3f], true), ([0f], false), ([1f], true)]));
        Assert.Equal([-2, -1], EntropyRewards.MeanToken([([1f, 3f], true), ([1f], true)]));
        Assert.Equal([0, 0], EntropyRewards.MeanToken([([1f, 3f], false), ([1f], false)]));
    }
}
