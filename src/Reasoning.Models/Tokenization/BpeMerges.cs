namespace Reasoning.Models.Tokenization;

/// <summary>The merges of a BPE model, and the algorithm that applies them.</summary>
internal sealed class BpeMerges
{
    private const int MaxScanned = 64;
    private readonly PairTable _table;

    public BpeMerges(PairTable table) => _table = table;

    /// <summary>Merges <paramref name="symbols"/> as far as they go and adds the result to <paramref name="output"/>.</summary>
    public void Apply(Span<int> symbols, List<int> output)
    {
        int count = symbols.Length <= MaxScanned ? Scan(symbols) : MergeByQueue(symbols);
        output.AddRange((ReadOnlySpan<int>)symbols[..count]);
    }

    // Short words: look for the best pair from the left each time. Quadratic, and the fastest there is at this size.
    private int Scan(Span<int> symbols)
    {
        Span<long> ranks = stackalloc long[MaxScanned];
        int count = symbols.Length;
        for (int i = 0; i + 1 < count; i++) ranks[i] = _table.Find(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }
            if (ranks[best] == PairTable.None) break;
            symbols[best] = (int)ranks[best];
            symbols[(best + 2)..count].CopyTo(symbols[(best + 1)..]);
            count--;
            if (best + 2 < count) ranks[(best + 2)..count].CopyTo(ranks[(best + 1)..]);
            if (best + 1 < count) ranks[best] = _table.Find(symbols[best], symbols[best + 1]);
            if (best > 0) ranks[best - 1] = _table.Find(symbols[best - 1], symbols[best]);
        }
        return count;
    }

    // Long words, such as a whole text without pre-tokenizer: a linked list and a queue ordered by rank, then place.
    private int MergeByQueue(Span<int> symbols)
    {
        int count = symbols.Length;
        int[] next = new int[count], previous = new int[count];
        long[] merges = new long[count];
        var queue = new PriorityQueue<int, ulong>(count);
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
        for (int i = 0; i < count; i++) Enqueue(symbols, i);
        while (queue.TryDequeue(out int place, out ulong priority))
        {
            bool isStale = symbols[place] < 0 || merges[place] == PairTable.None || Priority(place) != priority; // merged since it was queued
            if (isStale) continue;
            int gone = next[place];
            symbols[place] = (int)merges[place];
            symbols[gone] = -1;
            next[place] = next[gone];
            if (next[place] < count) previous[next[place]] = place;
            Enqueue(symbols, place);
            if (previous[place] >= 0) Enqueue(symbols, previous[place]);
        }
        int kept = 0;
        for (int i = 0; i < count; i = next[i]) symbols[kept++] = symbols[i];
        return kept;

        void Enqueue(Span<int> all, int place)
        {
            merges[place] = next[place] < count ? _table.Find(all[place], all[next[place]]) : PairTable.None;
            if (merges[place] != PairTable.None) queue.Enqueue(place, Priority(place));
        }

        ulong Priority(int place) => ((ulong)merges[place] & 0xFFFF_FFFF_0000_0000) | (uint)place;
    }
}
