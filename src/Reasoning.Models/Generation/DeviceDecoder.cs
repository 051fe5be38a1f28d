using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// The model over prompts and over one token of each running sequence, without a word to the host in between. Adapters and the type of
/// the products are those of training: what is sampled here is what learns.
/// </summary>
internal sealed class DeviceDecoder(CausalLM model, DeviceCache cache)
{
    /// <summary>The device everything lies on.</summary>
    internal Device Device => model.EmbedTokens.device;

    /// <summary>Runs prompts from their first token to their last; the caller disposes the results.</summary>
    internal DevicePrompt[] Prefill(IReadOnlyList<int[]> prompts)
    {
        using DisposeScope scope = NewDisposeScope();
        var batch = new PackedSequences(prompts);
        using var kept = new PromptCache(batch, model.Config.Layers);
        Tensor hidden = model.Hidden(batch, kept); // [tokens, width]
        Tensor last = Transfer.Indices(Device, [.. batch.Offsets.Skip(1).Select(end => end - 1)]); // [prompts]
        Tensor logits = Logits(hidden.index_select(0, last)); // [prompts, vocab]
        for (int s = 0; s < batch.Count; s++) kept.Prompts[s].Logits = logits.select(0, s).clone().DetachFromDisposeScope();
        return kept.Prompts;
    }

    /// <summary>One more token of the sequences in the first places.</summary>
    /// <param name="ids">[rows] int64, the tokens to take in</param>
    /// <param name="positions">[rows] int64, where they stand</param>
    /// <param name="longest">No position is at or above this.</param>
    /// <returns>[rows, vocab] float32, owned by the caller's scope</returns>
    internal Tensor Step(Tensor ids, Tensor positions, int longest)
    {
        using DisposeScope scope = NewDisposeScope();
        return Logits(model.Hidden(ids, positions, longest, cache.Next(positions, longest))).MoveToOuterDisposeScope();
    }

    private Tensor Logits(Tensor hidden) => nn.functional.linear(hidden, model.HeadWeight.to(hidden.dtype)).to(ScalarType.Float32);
}
