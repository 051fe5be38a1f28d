using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// The model's passes over prompts and over one token of each running sequence, with plain tensor operations and without a word to the
/// host in between.
/// </summary>
internal sealed class DeviceDecoder(DecoderWeights weights, DeviceCache cache)
{
    private readonly ModelConfig _config = weights.Config;

    /// <summary>The device everything lies on.</summary>
    internal Device Device => weights.Embedding.device;

    /// <summary>Runs prompts from their first token to their last; the caller disposes the results.</summary>
    internal DevicePrompt[] Prefill(IReadOnlyList<int[]> prompts)
    {
        using DisposeScope scope = NewDisposeScope();
        var batch = new PackedSequences(prompts);
        DevicePrompt[] results = [.. prompts.Select(ids => new DevicePrompt(ids.Length, _config.Layers))];
        using var layout = new SequenceLayout(batch.Offsets);
        Tensor positions = Long(batch.Positions); // [tokens]
        Tensor x = Embed(Long(batch.Ids)); // [tokens, width]
        for (int i = 0; i < _config.Layers; i++)
        {
            using DisposeScope layerScope = NewDisposeScope();
            LayerWeights layer = weights.Layers[i];
            (Tensor query, Tensor key, Tensor value) = Project(layer, x, positions); // [tokens, heads or keyValueHeads, headDim]
            for (int s = 0; s < results.Length; s++)
            {
                int start = batch.Offsets[s], length = batch.Offsets[s + 1] - start;
                results[s].Keys[i] = key.narrow(0, start, length).transpose(0, 1).contiguous().DetachFromDisposeScope();
                results[s].Values[i] = value.narrow(0, start, length).transpose(0, 1).contiguous().DetachFromDisposeScope();
            }

            Tensor attended = CausalAttention.Composite(query, key, value, layout, layer.Window, _config.AttentionScale);
            x = Close(layer, x, attended.reshape(attended.shape[0], -1)).MoveToOuterDisposeScope();
        }

        Tensor logits = Logits(x.index_select(0, Long([.. batch.Offsets.Skip(1).Select(end => end - 1)]))); // [prompts, vocab]
        for (int s = 0; s < results.Length; s++) results[s].Logits = logits.select(0, s).clone().DetachFromDisposeScope();
        return results;
    }

    /// <summary>One more token of the sequences in the first places.</summary>
    /// <param name="ids">[rows] int64, the tokens to take in</param>
    /// <param name="positions">[rows] int64, where they stand</param>
    /// <param name="longest">No position is at or above this.</param>
    /// <returns>[rows, vocab] float32, owned by the caller's scope</returns>
    internal Tensor Step(Tensor ids, Tensor positions, int longest)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = ids.shape[0], heads = _config.KeyValueHeads, group = _config.Heads / heads;
        // Where each row and head writes its key in the cache seen as [places · keyValueHeads · capacity, headDim].
        Tensor slots = (arange(rows * heads, dtype: ScalarType.Int64, device: Device) * cache.Capacity)
            + positions.repeat_interleave(heads); // [rows · keyValueHeads]
        Tensor places = arange(longest, dtype: ScalarType.Int64, device: Device).unsqueeze(0); // [1, longest]
        Tensor here = positions.unsqueeze(1); // [rows, 1]
        Tensor past = places.le(here); // [rows, longest]
        double factor = _config.AttentionScale * Math.Sqrt(_config.HeadDim); // TorchSharp's attention divides by the root itself
        Tensor x = Embed(ids); // [rows, width]
        for (int i = 0; i < _config.Layers; i++)
        {
            using DisposeScope layerScope = NewDisposeScope();
            LayerWeights layer = weights.Layers[i];
            (Tensor query, Tensor key, Tensor value) = Project(layer, x, positions); // [rows, heads or keyValueHeads, headDim]
            cache.Keys(i).view(-1, _config.HeadDim).index_copy_(0, slots, key.reshape(rows * heads, _config.HeadDim));
            cache.Values(i).view(-1, _config.HeadDim).index_copy_(0, slots, value.reshape(rows * heads, _config.HeadDim));

            // A group's query heads are so many queries of one key-value head.
            Tensor q = query.view(rows, heads, group, _config.HeadDim) * factor;
            Tensor seen = layer.Window is { } window ? past.logical_and(places.gt(here - window)) : past; // [rows, longest]
            Tensor attended = nn.functional.scaled_dot_product_attention(
                q, Seen(cache.Keys(i)), Seen(cache.Values(i)), seen.view(rows, 1, 1, longest)); // [rows, keyValueHeads, group, headDim]
            x = Close(layer, x, attended.reshape(rows, _config.Heads * _config.HeadDim)).MoveToOuterDisposeScope();
        }

        return Logits(x).MoveToOuterDisposeScope();

        Tensor Seen(Tensor all) => all.narrow(0, 0, rows).narrow(2, 0, longest); // [rows, keyValueHeads, longest, headDim]
    }

    private Tensor Long(int[] values) => Transfer.Indices(Device, values);

    private Tensor Embed(Tensor ids) => DecoderStack.Scaled(weights.Embedding.index_select(0, ids), _config.EmbeddingScale);

    private (Tensor Query, Tensor Key, Tensor Value) Project(LayerWeights layer, Tensor x, Tensor positions)
    {
        Tensor h = RmsNorm.Composite(x, layer.InputNorm, _config.RmsNormEps);
        Tensor cos = layer.Rotation.Cos.index_select(0, positions), sin = layer.Rotation.Sin.index_select(0, positions);
        return (
            Rotary.Composite(Normed(Heads(layer.Query, _config.Heads), layer.QueryNorm), cos, sin),
            Rotary.Composite(Normed(Heads(layer.Key, _config.KeyValueHeads), layer.KeyNorm), cos, sin),
            Heads(layer.Value, _config.KeyValueHeads));

        Tensor Heads(LinearWeights projection, int heads) => projection.Apply(h).view(x.shape[0], heads, _config.HeadDim);
    }

    /// <summary>The layer after its attention: output projection, residuals, feed-forward block.</summary>
    private Tensor Close(LayerWeights layer, Tensor x, Tensor attended)
    {
        Tensor middle = x + Normed(layer.Output.Apply(attended), layer.AttentionOutputNorm);
        Tensor h = RmsNorm.Composite(middle, layer.FeedForwardNorm, _config.RmsNormEps);
        Tensor gate = layer.Gate.Apply(h), up = layer.Up.Apply(h); // [rows, inner]
        Tensor inner = _config.Activation == GatedActivation.Silu ? SwiGlu.Composite(gate, up) : GeGlu.Composite(gate, up);
        return middle + Normed(layer.Down.Apply(inner), layer.FeedForwardOutputNorm);
    }

    private Tensor Normed(Tensor x, Tensor? norm) => norm is null ? x : RmsNorm.Composite(x, norm, _config.RmsNormEps);

    private Tensor Logits(Tensor x) =>
        nn.functional.linear(RmsNorm.Composite(x, weights.FinalNorm, _config.RmsNormEps), weights.Head).to(ScalarType.Float32);
}
