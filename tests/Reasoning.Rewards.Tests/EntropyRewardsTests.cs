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
}
