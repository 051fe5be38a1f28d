namespace Reasoning.Rewards.Novelty;

/// <summary>
/// An embedding that needs no model: counts of word pairs, words and character triples, hashed with signs into a fixed width (Weinberger
/// et al., 2009), dampened by 1 + ln count and weighted by how rare they are among the texts given together. Deterministic, offline, and
/// sensitive to wording rather than meaning; numbers are split into digits, so that solutions with other steps differ.
/// </summary>
/// <param name="width">Length of the vectors.</param>
/// <param name="rareWordsCountMore">Whether to weigh by inverse document frequency within the call.</param>
public sealed class HashedNgramEmbedding(int width = 1024, bool rareWordsCountMore = true) : ITextEmbedding
{
    private const ulong WordSalt = 0x9E3779B97F4A7C15;
    private const ulong PairSalt = 0xC2B2AE3D27D4EB4F;
    private const ulong TripleSalt = 0x165667B19E3779F9;

    /// <inheritdoc/>
    public float[][] Embed(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var counts = new List<Dictionary<ulong, int>>(texts.Count);
        var frequency = new Dictionary<ulong, int>();
        foreach (string text in texts)
        {
            Dictionary<ulong, int> features = Features(text);
            counts.Add(features);
            foreach (ulong feature in features.Keys) frequency[feature] = frequency.GetValueOrDefault(feature) + 1;
        }
        float[][] vectors = new float[texts.Count][]; // [texts, width]
        for (int i = 0; i < vectors.Length; i++) vectors[i] = Vector(counts[i], frequency, texts.Count);
        return vectors;
    }

    private float[] Vector(Dictionary<ulong, int> features, Dictionary<ulong, int> frequency, int texts)
    {
        double[] sums = new double[width];
        foreach ((ulong feature, int count) in features)
        {
            double weight = 1 + Math.Log(count);
            if (rareWordsCountMore) weight *= 1 + Math.Log((1.0 + texts) / (1.0 + frequency[feature]));
            int slot = (int)((feature >> 1) % (ulong)width);
            sums[slot] += (feature & 1) == 0 ? weight : -weight;
        }
        double squares = 0;
        foreach (double sum in sums) squares += sum * sum;
        double norm = Math.Sqrt(squares);
        float[] vector = new float[width];
        if (norm > 0)
        {
            for (int i = 0; i < width; i++) vector[i] = (float)(sums[i] / norm);
        }
        return vector;
    }

    // Nothing is ever removed, so features come out in the order of their first occurrence, on every machine.
    private static Dictionary<ulong, int> Features(string text)
    {
        var features = new Dictionary<ulong, int>();
        ulong previous = 0;
        for (int i = 0; i < text.Length;)
        {
            int end = i + 1;
            if (char.IsLetter(text[i]))
            {
                while (end < text.Length && char.IsLetter(text[end])) end++;
            }
            if (!char.IsWhiteSpace(text[i]))
            {
                ulong word = Hash(text.AsSpan(i, end - i));
                Count(Mix(word ^ WordSalt));
                if (previous != 0) Count(Mix((previous * PairSalt) ^ word));
                previous = word;
            }
            i = end;
        }
        for (int i = 0; i + 3 <= text.Length; i++) Count(Mix(Hash(text.AsSpan(i, 3)) ^ TripleSalt));
        return features;

        void Count(ulong feature) => features[feature] = features.GetValueOrDefault(feature) + 1;
    }

    // FNV-1a over lower-case characters.
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text) hash = (hash ^ char.ToLowerInvariant(c)) * 1099511628211;
        return hash;
    }

    // The finalizer of SplitMix64.
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
