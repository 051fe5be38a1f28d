namespace Reasoning.Models.Modeling;

/// <summary>
/// A batch without padding: the tokens of all sequences one after the other. Where a sequence begins and ends follows from lengths
/// alone, so no token value is special.
/// </summary>
public sealed class PackedSequences
{
    /// <summary>Packs the sequences in the given order; the ids are copied.</summary>
    /// <exception cref="ArgumentException">There is no sequence, or one is empty.</exception>
    public PackedSequences(IReadOnlyList<int[]> sequences)
    {
        if (sequences.Count == 0)
            throw new ArgumentException("A batch needs at least one sequence.", nameof(sequences));

        Offsets = new int[sequences.Count + 1];
        for (int s = 0; s < sequences.Count; s++)
        {
            if (sequences[s].Length == 0)
                throw new ArgumentException($"Sequence {s} is empty; a sequence has at least one token.", nameof(sequences));
            Offsets[s + 1] = checked(Offsets[s] + sequences[s].Length);
        }

        Ids = new int[Offsets[^1]];
        Positions = new int[Offsets[^1]];
        for (int s = 0; s < sequences.Count; s++)
        {
            sequences[s].CopyTo(Ids, Offsets[s]);
            for (int i = 0; i < sequences[s].Length; i++)
                Positions[Offsets[s] + i] = i;
        }
    }

    /// <summary>Number of sequences.</summary>
    public int Count => Offsets.Length - 1;

    /// <summary>Number of tokens of all sequences together.</summary>
    public int Tokens => Ids.Length;

    /// <summary>[tokens]</summary>
    public int[] Ids { get; }

    /// <summary>[tokens] place of each token in its sequence, from 0.</summary>
    public int[] Positions { get; }

    /// <summary>[Count + 1] sequence s is the rows Offsets[s] … Offsets[s + 1] − 1.</summary>
    public int[] Offsets { get; }

    /// <summary>Length of sequence <paramref name="index"/>, in tokens.</summary>
    public int Length(int index) => Offsets[index + 1] - Offsets[index];
}
