namespace Reasoning.Models.Config;

/// <summary>Qwen3 (Qwen Team 2025, arXiv:2505.09388): no biases, but norms on each head of queries and keys.</summary>
internal static class Qwen3
{
    internal static readonly ModelFamily Family = new("qwen3", "Qwen3ForCausalLM", new GgufArchitecture("qwen3"))
    {
        MaxPositions = 32_768,
        KeyValueHeads = 32,
        HeadDim = 128,
        SlidingWindow = Qwen2.Family.SlidingWindow,
        QkNorm = true,
        Fields = Qwen2.Fields,
        ReadSliding = Qwen2.ReadSliding,
        WriteSliding = Qwen2.WriteSliding,
    };
}
