using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void The_public_surface_is_as_stored() => PublicSurface.Match(typeof(MajorityVote).Assembly);
}
