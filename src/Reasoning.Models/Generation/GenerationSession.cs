using System.Diagnostics;
using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// The state of one <see cref="Generator.Generate"/> call: continuous batching. Samples enter the batch in request order as
/// places become free, each prompt is prefilled once, and a finished sequence leaves at once.
/// </summary>
internal sealed class GenerationSession(
    FusedDecoder decoder, IReadOnlyList<SequenceGroup> groups, IReadOnlySet<int> stopIds, SamplingOptions options, int prefillRows)
{
    private readonly BlockPool _pool = new();
    private readonly List<Sequence> _active = [];
    private readonly DecodeRows _prefill = new(prefillRows);
    private readonly DecodeRows _decode = new(options.MaxBatch, areIndependent: true);
    private readonly SampleQueue _queue = new(groups);
    private int _finished;
    private long _tokens;

    /// <summary>Blocks that sequences and prompts still hold; zero once <see cref="Run"/> has returned.</summary>
    internal int BlocksInUse => _pool.InUse;

    internal void Run(Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (_finished < _queue.Total)
        {
            cancel.ThrowIfCancellationRequested();
            Admit(cancel);
            int active = _active.Count;
            if (active > 0)
            {
                cancel.ThrowIfCancellationRequested();
                Decode();
            }

            progress?.Invoke(new GenerationProgress(_finished, _queue.Total, active, _tokens, _tokens / Math.Max(1e-9, watch.Elapsed.TotalSeconds)));
        }
    }

    /// <summary>Fills the free places of the batch and draws each newcomer's first token from its prompt's logits.</summary>
    private void Admit(CancellationToken cancel)
    {
        var newcomers = new List<Sequence>();
        while (_active.Count + newcomers.Count < options.MaxBatch && _queue.Next() is { } group)
        {
            if (!group.IsPrefilled)
                Prefill(options.MaxBatch - _active.Count - newcomers.Count, cancel);
            newcomers.Add(new Sequence(group, group.Started++));
        }

        var draws = new Sampler.Draw[newcomers.Count];
        Workers.For(newcomers.Count, i => draws[i] = newcomers[i].DrawNext(newcomers[i].Group.Logits, options));
        for (int i = 0; i < newcomers.Count; i++)
        {
            if (!Append(newcomers[i], draws[i]))
            {
                Fork(newcomers[i]);
                _active.Add(newcomers[i]);
            }

            // The sample with the last number is the last to start, and the prompt is its own from here on.
            if (newcomers[i].Index == newcomers[i].Group.Request.Samples - 1)
                Release(newcomers[i].Group);
        }
    }

    /// <summary>Prefills the next prompts for so many free places.</summary>
    private void Prefill(int places, CancellationToken cancel)
    {
        List<SequenceGroup> prompts = _queue.ToPrefill(places, prefillRows);
        foreach (SequenceGroup group in prompts)
        {
            group.Blocks = new int[BlockAttention.BlocksFor(group.Request.PromptIds.Length)];
            for (int block = 0; block < group.Blocks.Length; block++)
                group.Blocks[block] = _pool.Rent();
        }

        decoder.Reserve(_pool.Count);
        var ends = new List<(int Row, SequenceGroup Group)>();
        _prefill.Clear();
        foreach (SequenceGroup group in prompts)
        {
            int[] ids = group.Request.PromptIds;
            for (int position = 0; position < ids.Length; position++)
            {
                if (position == ids.Length - 1)
                    ends.Add((_prefill.Count, group));
                _prefill.Add(ids[position], position, group.Blocks);
                if (_prefill.Count == _prefill.Capacity)
                    Flush();
            }
        }

        if (_prefill.Count > 0)
            Flush();

        void Flush()
        {
            cancel.ThrowIfCancellationRequested();
            decoder.Run(_prefill, [.. ends.Select(end => end.Row)], (first, logits) =>
            {
                int vocabulary = (int)logits.shape[1];
                ReadOnlySpan<float> all = MemoryMarshal.Cast<byte, float>(logits.bytes);
                for (int i = 0; i < (int)logits.shape[0]; i++)
                    ends[first + i].Group.Logits = all.Slice(i * vocabulary, vocabulary).ToArray();
            });
            ends.Clear();
            _prefill.Clear();
        }
    }

    /// <summary>Gives a sequence its cache: the prompt's whole blocks shared, a partly filled last one copied.</summary>
    private void Fork(Sequence sequence)
    {
        SequenceGroup group = sequence.Group;
        int length = group.Request.PromptIds.Length;
        int whole = length / BlockAttention.BlockSize;
        for (int block = 0; block < whole; block++)
            sequence.Add(_pool.Share(group.Blocks[block]));
        if (whole < group.Blocks.Length)
        {
            int own = _pool.Rent();
            decoder.Reserve(_pool.Count);
            decoder.CopyBlock(group.Blocks[whole], own);
            sequence.Add(own);
        }
    }

    private void Release(SequenceGroup group)
    {
        foreach (int block in group.Blocks)
            _pool.Return(block);
        group.Blocks = [];
        group.Logits = [];
    }

    /// <summary>One token for every active sequence.</summary>
    private void Decode()
    {
        _decode.Clear();
        foreach (Sequence sequence in _active)
        {
            if (sequence.LastPosition == sequence.BlockCount * BlockAttention.BlockSize)
                sequence.Add(_pool.Rent());
            _decode.Add(sequence.LastId, sequence.LastPosition, sequence.Blocks);
        }

        decoder.Reserve(_pool.Count);
        var draws = new Sampler.Draw[_active.Count];
        decoder.Run(_decode, [.. Enumerable.Range(0, _active.Count)], (first, logits) => DrawRows(first, logits, draws));

        int kept = 0;
        for (int i = 0; i < draws.Length; i++)
        {
            Sequence sequence = _active[i];
            if (Append(sequence, draws[i]))
            {
                for (int block = 0; block < sequence.BlockCount; block++)
                    _pool.Return(sequence.Blocks[block]);
            }
            else
            {
                _active[kept++] = sequence;
            }
        }

        _active.RemoveRange(kept, _active.Count - kept);
    }

    private unsafe void DrawRows(int first, Tensor logits, Sampler.Draw[] draws)
    {
        int vocabulary = (int)logits.shape[1];
        float* rows = TensorMemory.Floats(logits);
        Workers.For((int)logits.shape[0], row =>
            draws[first + row] = _active[first + row].DrawNext(new ReadOnlySpan<float>(rows + ((nint)row * vocabulary), vocabulary), options));
        GC.KeepAlive(logits);
    }

    /// <summary>Appends a token; true if that ended the rollout, which is then in its group's results.</summary>
    private bool Append(Sequence sequence, Sampler.Draw draw)
    {
        _tokens++;
        if (sequence.Append(draw, stopIds) is not { } finish)
            return false;
        sequence.Group.Rollouts[sequence.Index] = sequence.ToRollout(finish);
        _finished++;
        return true;
    }
}
