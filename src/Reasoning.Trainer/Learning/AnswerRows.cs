using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Packs rollouts for a forward pass and knows which rows of it predict sampled tokens. The token at place t of a sequence is predicted
/// by the row at t − 1, so an answer of n tokens after a prompt of p uses the rows p − 1 … p + n − 2; its last token is never an input.
/// </summary>
internal sealed class AnswerRows
{
    private readonly PackedSequences _batch;
    private readonly long[] _rows;
    private readonly long[] _targets;

    public AnswerRows(IReadOnlyList<Rollout> rollouts)
    {
        _batch = new PackedSequences(
            [.. rollouts.Select(rollout => (int[])[.. rollout.PromptIds, .. rollout.Ids.AsSpan(0, rollout.Ids.Length - 1)])]);
        Offsets = new int[rollouts.Count + 1];
        for (int s = 0; s < rollouts.Count; s++) Offsets[s + 1] = Offsets[s] + rollouts[s].Ids.Length;
        _rows = new long[Offsets[^1]];
        _targets = new long[Offsets[^1]];
        for (int s = 0; s < rollouts.Count; s++)
        {
            int first = _batch.Offsets[s] + rollouts[s].PromptIds.Length - 1;
            for (int t = 0; t < rollouts[s].Ids.Length; t++)
            {
                _rows[Offsets[s] + t] = first + t;
                _targets[Offsets[s] + t] = rollouts[s].Ids[t];
            }
        }
    }

    /// <summary>Number of answer tokens.</summary>
    public int Count => Offsets[^1];

    /// <summary>[rollouts + 1] answer s is the rows Offsets[s] … Offsets[s + 1] − 1 of <see cref="Hidden"/>.</summary>
    public int[] Offsets { get; }

    /// <summary>Runs the model; owned by the caller's scope.</summary>
    /// <returns>[answer tokens, width]</returns>
    public Tensor Hidden(CausalLM model)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor all_TD = model.Hidden(_batch); // [tokens, width]
        return all_TD.index_select(0, tensor(_rows, device: all_TD.device)).MoveToOuterDisposeScope();
    }

    /// <summary>[answer tokens] int64, the sampled ids.</summary>
    public Tensor Targets(Device device) => tensor(_targets, device: device);
}
