using Reasoning.Models.Modeling;

namespace Reasoning.Models.Tests.Modeling;

public sealed class PackedSequencesTests
{
    [Fact]
    public void Sequences_lie_one_after_the_other_and_positions_restart()
    {
        var batch = new PackedSequences([[5, 6, 7], [0], [9, 9]]);
        Assert.Equal(3, batch.Count);
        Assert.Equal(6, batch.Tokens);
        Assert.Equal([5, 6, 7, 0, 9, 9], batch.Ids);
        Assert.Equal([0, 1, 2, 0, 0, 1], batch.Positions);
        Assert.Equal([0, 3, 4, 6], batch.Offsets);
        Assert.Equal(2, batch.Length(2));
    }

    [Fact]
    public void Nothing_and_empty_sequences_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new PackedSequences([]));
        Assert.Throws<ArgumentException>(() => new PackedSequences([[1], []]));
    }
}
