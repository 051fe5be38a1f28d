using Reasoning.Models.Devices;
using Reasoning.Models.Tests.Mutation;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Damaged variants for readers that may take more time or memory than <see cref="HostileInputs"/> grants.</summary>
internal static class Mutations
{
    /// <summary>Runs <paramref name="read"/> on each variant; whatever it throws must be an error for the user, on one line.</summary>
    public static void AssertOnlyUserErrors(byte[] valid, int count, ulong seed, Action<byte[]> read)
    {
        UseAmx();
        int refused = 0;
        for (ulong variant = 0; variant < (ulong)count; variant++)
        {
            try
            {
                read(Mutator.Mutate(valid, seed, variant));
            }
            catch (UserErrorException e)
            {
                refused++;
                Assert.False(string.IsNullOrWhiteSpace(e.Message));
                Assert.DoesNotContain('\n', e.Message);
            }
        }
        Assert.InRange(refused, count / 5, count);
    }

    // A product that a processor with AMX computes in it: from then on a null reference on this thread ends the process (ParquetPrompts.Read).
    private static void UseAmx()
    {
        NativeLibraries.Load();
        using Tensor ones_NN = ones(512, 512, ScalarType.BFloat16);
        using Tensor product_NN = ones_NN.matmul(ones_NN);
    }
}
