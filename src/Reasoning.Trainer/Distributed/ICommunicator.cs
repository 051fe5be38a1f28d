namespace Reasoning.Trainer.Distributed;

/// <summary>
/// Carries bytes between the ranks of a run. All ranks make the same calls in the same order, with blocks of the same length; each call waits
/// for all of them.
/// </summary>
internal interface ICommunicator
{
    /// <summary>Number of this rank, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>Gives everybody the blocks of all, in the order of ranks.</summary>
    /// <param name="block">That of this rank.</param>
    /// <param name="all">Takes <see cref="Count"/> blocks.</param>
    void AllGather(ReadOnlySpan<byte> block, Span<byte> all);

    /// <summary>Gives each rank the block that each other has for it.</summary>
    /// <param name="send">A block for each rank.</param>
    /// <param name="receive">Takes a block of each rank.</param>
    void AllToAll(ReadOnlySpan<byte> send, Span<byte> receive);
}
