namespace TorchSharp.Tests;

/// <summary>Which TorchSharp is under test. Where the embedded one promises more than the real one, tests ask here.</summary>
internal static class Backend
{
    /// <summary>The managed stand-in: it has one assembly and no native library.</summary>
    internal static readonly bool IsEmbedded = typeof(torch).Assembly.GetType("TorchSharp.MemoryPool") is not null;

    /// <summary>Equal to the bit in the embedded backend; libtorch fuses multiplications and additions where the processor can.</summary>
    internal static void Rounded(float[] expected, float[] actual)
    {
        if (IsEmbedded)
        {
            Assert.Equal(expected, actual);
            return;
        }

        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6 + (1e-6 * Math.Abs(expected[i])));
    }
}
