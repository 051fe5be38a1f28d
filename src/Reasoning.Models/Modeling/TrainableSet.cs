namespace Reasoning.Models.Modeling;

/// <summary>Which parameters of a model learn.</summary>
public enum TrainableSet
{
    /// <summary>Every parameter of the checkpoint; adapters, too, if there are any.</summary>
    All,

    /// <summary>
    /// The weights of every RMS norm: before attention, before the feed-forward block, the final one, and the query and key norms of
    /// Qwen3. They are the language model's counterpart of the affine norm parameters that Tent adapts (Wang et al. 2021).
    /// </summary>
    Norms,

    /// <summary>
    /// The low-rank adapters that <see cref="CausalLM.AddLora"/>, <see cref="CausalLM.AddPissa"/> or <see cref="CausalLM.AddSorsa"/> made.
    /// </summary>
    Lora,

    /// <summary>
    /// Layers and norms: every parameter but the output head and the embedding, which may be one. For losses that take the head as a
    /// fixed classifier.
    /// </summary>
    Body,
}
