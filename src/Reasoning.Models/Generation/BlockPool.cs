using Reasoning.Models.Kernels;

namespace Reasoning.Models.Generation;

/// <summary>
/// Hands out the numbers of cache blocks, each of which holds keys and values of <see cref="BlockAttention.BlockSize"/> consecutive positions in
/// all layers. A block may belong to several sequences (the whole blocks of a shared prompt); it is free again once all have let go.
/// Paging after Kwon et al. 2023 (PagedAttention, arXiv:2309.06180).
/// </summary>
internal sealed class BlockPool
{
    private readonly List<int> _owners = [];
    private readonly Stack<int> _free = new();

    /// <summary>Blocks that exist: storage must hold this many.</summary>
    internal int Count => _owners.Count;

    internal int InUse => _owners.Count - _free.Count;

    internal int Rent()
    {
        if (_free.TryPop(out int block))
        {
            _owners[block] = 1;
            return block;
        }

        _owners.Add(1);
        return _owners.Count - 1;
    }

    internal int Share(int block)
    {
        _owners[block]++;
        return block;
    }

    internal void Return(int block)
    {
        if (--_owners[block] == 0)
            _free.Push(block);
    }
}
