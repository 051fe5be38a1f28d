namespace Reasoning.Models.Random;

/// <summary>
/// Philox4x32-10: a block cipher-like generator that turns a 128-bit counter into 128 random bits under a 64-bit key.
/// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), sections 3.2 and 4.3; it passes BigCrush.
/// </summary>
internal static class Philox
{
    private const uint MultiplierA = 0xD2511F53;
    private const uint MultiplierB = 0xCD9E8D57;
    private const uint WeylA = 0x9E3779B9;
    private const uint WeylB = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The block for counter (<paramref name="low"/>, <paramref name="high"/>) as two 64-bit halves.</summary>
    public static (ulong Low, ulong High) Block(ulong key, ulong low, ulong high)
    {
        uint k0 = (uint)key, k1 = (uint)(key >> 32);
        uint c0 = (uint)low, c1 = (uint)(low >> 32), c2 = (uint)high, c3 = (uint)(high >> 32);
        for (int round = 0; round < Rounds; round++)
        {
            ulong productA = (ulong)MultiplierA * c0;
            ulong productB = (ulong)MultiplierB * c2;
            c0 = (uint)(productB >> 32) ^ c1 ^ k0;
            c1 = (uint)productB;
            c2 = (uint)(productA >> 32) ^ c3 ^ k1;
            c3 = (uint)productA;
            k0 += WeylA;
            k1 += WeylB;
        }
        return (c0 | ((ulong)c1 << 32), c2 | ((ulong)c3 << 32));
    }
}
