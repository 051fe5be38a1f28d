using System.Diagnostics;
using LLama.Native;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;

namespace Reasoning.Llama;

/// <summary>
/// The state of one <see cref="LlamaModel.Generate"/> call: continuous batching over llama.cpp's sequences. A prompt is computed once, in
/// the place of its first sample, and copied to the places of the others; a finished sample gives its place to the next.
/// </summary>
/// <remarks>A copy between sequences is of whole places: llama.cpp makes it before it computes the next batch.</remarks>
/// <param name="context">Has <paramref name="places"/> + 1 sequences of their own buffers.</param>
/// <param name="groups">What is asked for.</param>
/// <param name="stopIds">Ids that end an answer.</param>
/// <param name="options">How to draw.</param>
/// <param name="places">Sequences that run together.</param>
/// <param name="batchTokens">Most tokens of a batch, at least <paramref name="places"/>.</param>
internal sealed class LlamaSession(
    SafeLLamaContextHandle context, IReadOnlyList<SequenceGroup> groups, IReadOnlySet<int> stopIds, SamplingOptions options, int places,
    int batchTokens)
{
    private readonly record struct Running(Sequence Sequence, LLamaSeqId Place)
    {
        public SequenceGroup Group => Sequence.Group;
    }

    private readonly LLamaBatch _batch = new();
    private readonly List<Running> _active = [];
    private readonly Stack<LLamaSeqId> _free = new(Enumerable.Range(0, places).Reverse().Select(place => (LLamaSeqId)place));
    private readonly LLamaSeqId _store = (LLamaSeqId)places;
    private readonly SampleQueue _queue = new(groups);
    private SequenceGroup? _stored;
    private int _finished;
    private long _tokens;

    internal void Run(Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (_finished < _queue.Total)
        {
            Admit(cancel);
            int active = _active.Count;
            if (active > 0) Advance(cancel);
            progress?.Invoke(new GenerationProgress(_finished, _queue.Total, active, _tokens, _tokens / Math.Max(1e-9, watch.Elapsed.TotalSeconds)));
        }
    }

    /// <summary>Fills the free places, and draws the first token of each newcomer from its prompt's logits.</summary>
    private void Admit(CancellationToken cancel)
    {
        while (_free.Count > 0 && _queue.Next() is not null)
        {
            var newcomers = new List<Running>();
            while (_free.Count > 0 && _queue.Next() is { } group)
                newcomers.Add(new Running(new Sequence(group, group.Started++), _free.Pop()));

            List<Running> firsts = newcomers.FindAll(newcomer => newcomer.Sequence.Index == 0);
            Prefill(firsts, cancel);
            Share(newcomers, firsts.ToDictionary(first => first.Group, first => first.Place));

            var draws = new Sampler.Draw[newcomers.Count];
            Workers.For(newcomers.Count, i => draws[i] = newcomers[i].Sequence.DrawNext(newcomers[i].Group.Logits, options));
            for (int i = 0; i < newcomers.Count; i++)
            {
                if (!Append(newcomers[i], draws[i])) _active.Add(newcomers[i]);
                if (newcomers[i].Sequence.Index == newcomers[i].Group.Request.Samples - 1) newcomers[i].Group.Logits = [];
            }
        }
    }

    /// <summary>Computes the prompt of each group in the place of its first sample, and keeps the logits of its end.</summary>
    private void Prefill(List<Running> firsts, CancellationToken cancel)
    {
        var ends = new List<(int Row, SequenceGroup Group)>();
        _batch.Clear();
        foreach (Running first in firsts)
        {
            int[] ids = first.Group.Request.PromptIds;
            for (int position = 0; position < ids.Length; position++)
            {
                bool isEnd = position == ids.Length - 1;
                int row = _batch.Add(ids[position], position, first.Place, isEnd);
                if (isEnd) ends.Add((row, first.Group));
                if (_batch.TokenCount == batchTokens) Flush();
            }
        }

        Flush();

        void Flush()
        {
            if (_batch.TokenCount == 0) return;
            Decode(cancel);
            foreach ((int row, SequenceGroup group) in ends) group.Logits = context.GetLogitsIth(row).ToArray();
            ends.Clear();
            _batch.Clear();
        }
    }

    /// <summary>Copies prompts to the places of further samples, and the last one to the store where samples are left over.</summary>
    private void Share(List<Running> newcomers, Dictionary<SequenceGroup, LLamaSeqId> homes)
    {
        if (_stored is not null) homes[_stored] = _store;
        foreach (Running newcomer in newcomers)
        {
            LLamaSeqId home = homes[newcomer.Group];
            if (home != newcomer.Place) context.MemorySequenceCopy(home, newcomer.Place, -1, -1);
        }

        SequenceGroup? left = _queue.Next() is { Started: > 0 } group ? group : null;
        if (left == _stored) return;
        if (_stored is not null) context.MemorySequenceRemove(_store, -1, -1);
        if (left is not null) context.MemorySequenceCopy(homes[left], _store, -1, -1);
        _stored = left;
    }

    /// <summary>One token for every running sequence.</summary>
    private unsafe void Advance(CancellationToken cancel)
    {
        _batch.Clear();
        foreach (Running running in _active) _batch.Add(running.Sequence.LastId, running.Sequence.LastPosition, running.Place, true);
        Decode(cancel);

        int vocabulary = context.Vocab.Count;
        var rows = new nint[_active.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            fixed (float* row = context.GetLogitsIth(i)) rows[i] = (nint)row; // native memory, until the next batch
        }

        var draws = new Sampler.Draw[rows.Length];
        Workers.For(rows.Length, i => draws[i] = _active[i].Sequence.DrawNext(new ReadOnlySpan<float>((float*)rows[i], vocabulary), options));
        int kept = 0;
        for (int i = 0; i < draws.Length; i++)
        {
            if (!Append(_active[i], draws[i])) _active[kept++] = _active[i];
        }

        _active.RemoveRange(kept, _active.Count - kept);
    }

    private void Decode(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        DecodeResult result = context.Decode(_batch);
        if (result != DecodeResult.Ok)
            throw new InvalidOperationException($"llama.cpp computes no batch of {_batch.TokenCount} tokens: {result}{NativeLog.Tail()}");
    }

    /// <summary>Appends a token; true if that ended the rollout, which is then in its group's results, and its place is free.</summary>
    private bool Append(Running running, Sampler.Draw draw)
    {
        _tokens++;
        if (running.Sequence.Append(draw, stopIds) is not { } finish) return false;
        running.Group.Rollouts[running.Sequence.Index] = running.Sequence.ToRollout(finish);
        context.MemorySequenceRemove(running.Place, -1, -1);
        _free.Push(running.Place);
        _finished++;
        return true;
    }
}
