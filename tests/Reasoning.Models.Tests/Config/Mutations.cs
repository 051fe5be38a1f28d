using Reasoning.Models.Tests.Mutation;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Damaged variants for readers that may take more time or memory than <see cref="HostileInputs"/> grants.</summary>
internal static class Mutations
{
    /// <summary>Runs <paramref name="read"/> on each variant; whatever it throws must be an error for the user, on one line.</summary>
    public static void AssertOnlyUserErrors(byte[] valid, int count, ulong seed, Action<byte[]> read)
    {
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
}
