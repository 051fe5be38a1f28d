using System.Text.Json;

namespace Reasoning.Models;

/// <summary>The merges of a BPE model, and the algorithm that applies them.</summary>
internal sealed class BpeMerges
{
    private const int MaxScanned = 96;
    private const long None = long.MaxValue;
    private readonly Dictionary<ulong, long> _merges;

    private BpeMerges(Dictionary<ulong, long> merges) => _merges = merges;

    /// <summary>Reads the list <c>merges</c> of the model, in either spelling: <c>"a b"</c> or <c>["a", "b"]</c>.</summary>
    public static BpeMerges Read(JsonFields model, Dictionary<string, int> ids)
    {
        JsonElement list = model.Require("merges");
        if (list.ValueKind != JsonValueKind.Array) throw model.Wrong("merges", list, "an array");
        var merges = new Dictionary<ulong, long>(list.GetArrayLength());
        var lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int rank = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            (string joined, int cut) = Pair(item) ?? throw model.Wrong($"merges[{rank}]", item, "\"a b\" or [\"a\", \"b\"]");
            ulong key = Key(Id(joined.AsSpan(0, cut)), Id(joined.AsSpan(cut)));
            merges[key] = ((long)rank << 32) | (uint)Id(joined);
            rank++;
        }
        return new BpeMerges(merges);

        int Id(ReadOnlySpan<char> token) => lookup.TryGetValue(token, out int id)
            ? id
            : throw model.Error($"merges[{rank}]", $"needs the token '{token.ToString()}', which is not in the vocabulary");
    }

    /// <summary>Merges <paramref name="symbols"/> as far as they go and adds the result to <paramref name="output"/>.</summary>
    public void Apply(List<int> symbols, List<int> output)
    {
        if (symbols.Count <= MaxScanned) Scan(symbols);
        else MergeByQueue(symbols);
        output.AddRange(symbols);
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    // The two tokens of a merge, joined, and where the second begins.
    private static (string Joined, int Cut)? Pair(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Array)
        {
            bool isPair = item.GetArrayLength() == 2 && item.EnumerateArray().All(half => half.ValueKind == JsonValueKind.String);
            return isPair ? (item[0].GetString() + item[1].GetString(), item[0].GetString()!.Length) : null;
        }
        if (item.ValueKind != JsonValueKind.String) return null;
        string text = item.GetString()!;
        int space = text.IndexOf(' ');
        bool hasTwo = space > 0 && space < text.Length - 1 && text.IndexOf(' ', space + 1) < 0;
        return hasTwo ? (text.Remove(space, 1), space) : null;
    }

    // Rank in the upper half, so that the smallest value is the merge learned first; id of the merged token in the lower.
    private long Merge(int left, int right) => _merges.GetValueOrDefault(Key(left, right), None);

    // Short words: look for the best pair from the left each time. Quadratic, and the fastest there is at this size.
    private void Scan(List<int> symbols)
    {
        Span<long> ranks = stackalloc long[MaxScanned];
        int count = symbols.Count;
        for (int i = 0; i + 1 < count; i++) ranks[i] = Merge(symbols[i], symbols[i + 1]);
        while (count > 1)
        {
            int best = 0;
            for (int i = 1; i + 1 < count; i++)
            {
                if (ranks[i] < ranks[best]) best = i;
            }
            if (ranks[best] == None) break;
            symbols[best] = (int)ranks[best];
            symbols.RemoveAt(best + 1);
            count--;
            for (int i = best + 1; i + 1 < count; i++) ranks[i] = ranks[i + 1];
            if (best + 1 < count) ranks[best] = Merge(symbols[best], symbols[best + 1]);
            if (best > 0) ranks[best - 1] = Merge(symbols[best - 1], symbols[best]);
        }
    }

    // Long words, such as a whole text without pre-tokenizer: a linked list and a queue ordered by rank, then place.
    private void MergeByQueue(List<int> symbols)
    {
        int count = symbols.Count;
        int[] next = new int[count], previous = new int[count];
        long[] ranks = new long[count];
        var queue = new PriorityQueue<int, (long Rank, int Place)>();
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1;
            previous[i] = i - 1;
            Enqueue(i);
        }
        while (queue.TryDequeue(out int place, out (long Rank, int Place) priority))
        {
            if (symbols[place] < 0 || ranks[place] != priority.Rank) continue;
            int gone = next[place];
            symbols[place] = (int)priority.Rank;
            symbols[gone] = -1;
            next[place] = next[gone];
            if (next[place] < count) previous[next[place]] = place;
            Enqueue(place);
            if (previous[place] >= 0) Enqueue(previous[place]);
        }
        symbols.RemoveAll(symbol => symbol < 0);

        void Enqueue(int place)
        {
            ranks[place] = next[place] < count ? Merge(symbols[place], symbols[next[place]]) : None;
            if (ranks[place] != None) queue.Enqueue(place, (ranks[place], place));
        }
    }
}
