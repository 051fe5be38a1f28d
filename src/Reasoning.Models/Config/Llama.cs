namespace Reasoning.Models.Config;

/// <summary>Llama (Touvron et al. 2023, arXiv:2302.13971), and what is computed like it: SmolLM, TinyLlama and others.</summary>
internal static class Llama
{
    internal static readonly GgufArchitecture Gguf = new("llama") { RotatesNeighbours = true, TakesFrequencyFactors = true };

    internal static readonly ModelFamily Family = new("llama", "LlamaForCausalLM", Gguf)
    {
        Fields = ["hidden_act"],
        WrittenFalse = ["attention_bias", "mlp_bias"],
    };
}
