namespace Reasoning.Models.Random;

/// <summary>
/// A sequence of draws for one key, for places that need many numbers in order: shuffles, initial weights, generated problems.
/// The n-th draw is a function of (seed, a, b, c, n). A mutable struct: pass it by <c>ref</c> to go on with the same sequence.
/// </summary>
public struct KeyedStream
{
    private readonly ulong _key;
    private readonly ulong _lane;
    private ulong _position;
    private ulong _spare;

    /// <summary>Opens the sequence of the key (<paramref name="seed"/>, a, b, c).</summary>
    public KeyedStream(ulong seed, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        _key = KeyedRandom.Fold(seed, a, b);
        _lane = c;
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits()
    {
        if ((_position++ & 1) == 1) return _spare;
        (ulong low, _spare) = Philox.Block(_key, _lane, _position >> 1);
        return low;
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => KeyedRandom.ToUnit(NextBits());

    /// <summary>
    /// An integer in [0, <paramref name="exclusiveMax"/>), each equally likely: the high half of a product, redrawn where the low half
    /// would favour some values (Lemire, "Fast random integer generation in an interval", 2019).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is not positive.</exception>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMax);
        ulong bound = (ulong)exclusiveMax;
        ulong high = Math.BigMul(NextBits(), bound, out ulong low);
        if (low < bound)
        {
            ulong threshold = (0 - bound) % bound;
            while (low < threshold) high = Math.BigMul(NextBits(), bound, out low);
        }
        return (int)high;
    }

    /// <summary>An integer in [<paramref name="min"/>, <paramref name="exclusiveMax"/>).</summary>
    public int NextInt(int min, int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(min, exclusiveMax);
        long range = (long)exclusiveMax - min;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(range, int.MaxValue, nameof(exclusiveMax));
        return min + NextInt((int)range);
    }

    /// <summary>A draw from the standard normal distribution (Box and Muller, 1958; two uniform draws for each).</summary>
    public double NextGaussian()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble()));
        return radius * Math.Cos(2 * Math.PI * NextDouble());
    }

    /// <summary>Puts the items in random order, each order equally likely (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int last = items.Length - 1; last > 0; last--)
        {
            int other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
