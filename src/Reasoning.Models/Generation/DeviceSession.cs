using System.Diagnostics;
using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Random;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// The state of one <see cref="Generator.Generate"/> call on a device where every word to the host costs a wait. Tokens are drawn where
/// the logits are, <see cref="Chunk"/> steps at a time; only then the host looks which sequences have ended, lets others in, and sends
/// the uniform numbers of the next steps. What a sequence computes past its end is thrown away.
/// </summary>
/// <remarks>The draws have the keys of <see cref="GenerationSession"/>; a rollout differs only where rounding of the logits decides.</remarks>
internal sealed class DeviceSession : IDisposable
{
    /// <summary>Steps between two looks.</summary>
    internal const int Chunk = 16;

    private readonly List<Sequence> _active = []; // by place
    private readonly SampleQueue _queue;
    private readonly IReadOnlySet<int> _stopIds;
    private readonly SamplingOptions _options;
    private readonly int _prefillRows;
    private readonly DeviceCache _cache;
    private readonly DeviceDecoder _decoder;
    private readonly DeviceSampler _sampler;
    private readonly Dictionary<SequenceGroup, DevicePrompt> _prompts = [];
    private readonly int _drawRows;
    private int _finished;
    private long _tokens;

    /// <param name="model">On the device.</param>
    /// <param name="groups">What is asked for.</param>
    /// <param name="stopIds">Ids that end an answer.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="prefillRows">Prompt tokens computed in one pass.</param>
    /// <param name="cacheBytes">Most bytes of keys and values; fewer sequences run together where more would not fit.</param>
    internal DeviceSession(
        CausalLM model, IReadOnlyList<SequenceGroup> groups, IReadOnlySet<int> stopIds, SamplingOptions options, int prefillRows,
        long cacheBytes)
    {
        (_queue, _stopIds, _options, _prefillRows) = (new SampleQueue(groups), stopIds, options, prefillRows);
        int capacity = groups.Max(group => group.Request.PromptIds.Length + group.Limit);
        long fitting = cacheBytes / DeviceCache.BytesOf(model.Config, capacity, model.EmbedTokens.dtype);
        int wanted = Math.Min(options.MaxBatch, _queue.Total);
        _cache = new DeviceCache(model, (int)Math.Clamp(fitting, 1, wanted), capacity);
        _decoder = new DeviceDecoder(model, _cache);
        _sampler = new DeviceSampler(options);
        _drawRows = Math.Max(1, (1 << 25) / model.Config.VocabSize);
    }

    internal void Run(Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        while (_finished < _queue.Total)
        {
            cancel.ThrowIfCancellationRequested();
            Admit();
            cancel.ThrowIfCancellationRequested();
            int active = _active.Count;
            if (active > 0) Advance();
            progress?.Invoke(new GenerationProgress(_finished, _queue.Total, active, _tokens, _tokens / Math.Max(1e-9, watch.Elapsed.TotalSeconds)));
        }
    }

    public void Dispose()
    {
        _cache.Dispose();
        foreach (DevicePrompt prompt in _prompts.Values) prompt.Dispose();
    }

    /// <summary>Fills the free places with samples that have not started, and draws the first token of each.</summary>
    private void Admit()
    {
        while (_active.Count < _cache.Places && _queue.Next() is not null)
        {
            var newcomers = new List<Sequence>();
            while (_active.Count + newcomers.Count < _cache.Places && _queue.Next() is { } group)
            {
                if (!_prompts.ContainsKey(group)) Prefill(_cache.Places - _active.Count - newcomers.Count);
                newcomers.Add(new Sequence(group, group.Started++));
            }

            DrawFirst(newcomers);
            foreach (Sequence newcomer in newcomers)
            {
                if (newcomer.Group.Rollouts[newcomer.Index] is null)
                {
                    _cache.Store(_prompts[newcomer.Group], _active.Count);
                    _active.Add(newcomer);
                }

                // The sample with the last number is the last to start, and nobody needs the prompt any longer.
                if (newcomer.Index == newcomer.Group.Request.Samples - 1 && _prompts.Remove(newcomer.Group, out DevicePrompt? prompt))
                    prompt.Dispose();
            }
        }
    }

    private void Prefill(int places)
    {
        List<SequenceGroup> next = _queue.ToPrefill(places, _prefillRows);
        DevicePrompt[] prompts = _decoder.Prefill([.. next.Select(group => group.Request.PromptIds)]);
        for (int i = 0; i < prompts.Length; i++) _prompts[next[i]] = prompts[i];
    }

    private void DrawFirst(List<Sequence> newcomers)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int first = 0; first < newcomers.Count; first += _drawRows)
        {
            List<Sequence> part = newcomers.GetRange(first, Math.Min(_drawRows, newcomers.Count - first));
            Tensor logits = stack([.. part.Select(newcomer => _prompts[newcomer.Group].Logits!)], 0); // [part, vocab]
            (Tensor ids, Tensor logProbs) = _sampler.Draw(logits, Uniforms(part, 1).select(1, 0));
            Take(part, ids.unsqueeze(1), logProbs.unsqueeze(1));
        }
    }

    /// <summary>Some steps of all running sequences, then a look at what they drew.</summary>
    private void Advance()
    {
        using DisposeScope scope = NewDisposeScope();
        int rows = _active.Count;
        int steps = Math.Min(Chunk, _active.Max(sequence => sequence.Group.Limit - sequence.Count));
        Tensor uniforms = Uniforms(_active, steps); // [rows, steps]
        Tensor current = Transfer.To(_decoder.Device, tensor(_active.ConvertAll(sequence => (long)sequence.LastId).ToArray())); // [rows]
        Tensor start = Transfer.To(_decoder.Device, tensor(_active.ConvertAll(sequence => (long)sequence.LastPosition).ToArray())); // [rows]
        int furthest = _active.Max(sequence => sequence.LastPosition);
        Tensor[] ids = new Tensor[steps], logProbs = new Tensor[steps];
        using Scalar lastPlace = _cache.Capacity - 1;
        for (int step = 0; step < steps; step++)
        {
            // A sequence past its end may stand at the last place for a while: what it writes there is its own.
            Tensor positions = start.clamp(max: lastPlace);
            (ids[step], logProbs[step]) = Next(current, positions, Math.Min(furthest + step + 1, _cache.Capacity), uniforms.select(1, step));
            current = ids[step];
            start.AddInPlace(1);
        }

        List<Sequence> advanced = [.. _active];
        Take(advanced, stack(ids, 1), stack(logProbs, 1)); // [rows, steps] each
        for (int place = rows - 1; place >= 0; place--)
        {
            Sequence sequence = _active[place];
            if (sequence.Group.Rollouts[sequence.Index] is null) continue;
            int last = _active.Count - 1;
            if (place < last)
            {
                _cache.Move(last, place);
                _active[place] = _active[last];
            }

            _active.RemoveAt(last);
        }
    }

    private (Tensor Ids, Tensor LogProbs) Next(Tensor current, Tensor positions, int longest, Tensor uniform)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = _decoder.Step(current, positions, longest); // [rows, vocab]
        long rows = logits.shape[0];
        var ids = new List<Tensor>();
        var logProbs = new List<Tensor>();
        for (long first = 0; first < rows; first += _drawRows)
        {
            long count = Math.Min(_drawRows, rows - first);
            (Tensor id, Tensor logProb) = _sampler.Draw(logits.narrow(0, first, count), uniform.narrow(0, first, count));
            ids.Add(id);
            logProbs.Add(logProb);
        }

        return ids.Count == 1 ? scope.MoveToOuter(ids[0], logProbs[0]) : scope.MoveToOuter(cat(ids, 0), cat(logProbs, 0));
    }

    /// <summary>The keyed numbers that decide the next draws, [sequences, steps] float64.</summary>
    private Tensor Uniforms(List<Sequence> sequences, int steps)
    {
        var values = new double[sequences.Count * steps];
        for (int i = 0; i < values.Length; i++)
        {
            Sequence sequence = sequences[i / steps];
            values[i] = KeyedRandom.Uniform(
                _options.Seed, (ulong)_options.Step, sequence.Group.Key, (ulong)sequence.Sample, (ulong)(sequence.Count + (i % steps)));
        }

        return Transfer.To(_decoder.Device, tensor(values)).view(sequences.Count, steps);
    }

    /// <summary>Appends what was drawn to each sequence, up to its end; rollouts that ended are then in their groups.</summary>
    private void Take(List<Sequence> sequences, Tensor ids, Tensor logProbs)
    {
        int steps = (int)ids.shape[1];
        Tensor idsHere = ids.cpu().contiguous(), logProbsHere = logProbs.cpu().contiguous();
        ReadOnlySpan<long> drawn = MemoryMarshal.Cast<byte, long>(idsHere.bytes);
        ReadOnlySpan<float> scores = MemoryMarshal.Cast<byte, float>(logProbsHere.bytes);
        for (int row = 0; row < sequences.Count; row++)
        {
            Sequence sequence = sequences[row];
            for (int step = 0; step < steps; step++)
            {
                float logProb = scores[(row * steps) + step];
                if (!float.IsFinite(logProb))
                {
                    throw new UserErrorException(
                        $"Prompt {sequence.Group.Request.PromptId}, sample {sequence.Sample}, token {sequence.Count}: log-probability {logProb}; "
                        + "the weights hold a value that is not finite, or have grown beyond their type.");
                }

                _tokens++;
                if (sequence.Append(new Sampler.Draw((int)drawn[(row * steps) + step], logProb), _stopIds) is not { } finish) continue;
                sequence.Group.Rollouts[sequence.Index] = sequence.ToRollout(finish);
                _finished++;
                break;
            }
        }
    }
}
