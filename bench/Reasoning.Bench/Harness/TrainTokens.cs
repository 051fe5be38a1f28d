namespace Reasoning.Bench.Harness;

/// <summary>Tokens to train on, which bench/peers/torch_train.py makes by the same rule: a multiplicative hash of the place.</summary>
internal static class TrainTokens
{
    public static int[][] Make(int sequences, int length, int vocabulary) =>
        [.. Enumerable.Range(0, sequences * length).Select(n => (int)((uint)n * 2654435761u / 256 % (uint)vocabulary)).Chunk(length)];
}
