namespace Reasoning.Models.Config;

/// <summary>Mistral (Jiang et al. 2023, arXiv:2310.06825): Llama, and all layers slide if there is a window.</summary>
internal static class Mistral
{
    internal static readonly ModelFamily Family = new("mistral", "MistralForCausalLM", Llama.Gguf)
    {
        MaxPositions = 131_072,
        KeyValueHeads = 8,
        SlidingWindow = 4096,
        Fields = ["hidden_act", "sliding_window"],
        WrittenFalse = [],
        ReadSliding = (fields, _) => (SlidingFields.Window(fields, 4096), []),
        WriteSliding = (config, json) => json["sliding_window"] = config.SlidingWindow,
    };
}
