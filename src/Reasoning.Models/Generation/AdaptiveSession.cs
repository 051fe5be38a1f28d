using System.Diagnostics;
using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using Reasoning.Models.Policies;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>The state of one <see cref="AdaptiveGenerator.Generate"/> call.</summary>
/// <param name="decoders">The small model's and the large one's.</param>
/// <param name="groups">What is asked for.</param>
/// <param name="stopIds">Ids that end an answer.</param>
/// <param name="options">How to draw.</param>
/// <param name="settings">When the model changes.</param>
/// <param name="vocabulary">Logits that both models have.</param>
/// <param name="passRows">Most rows of a pass.</param>
internal sealed class AdaptiveSession(
    FusedDecoder[] decoders, IReadOnlyList<SequenceGroup> groups, IReadOnlySet<int> stopIds, SamplingOptions options, AdaptiveSettings settings,
    int vocabulary, int passRows)
{
    private const int Small = 0, Large = 1;

    private readonly BlockPool[] _pools = [new(), new()];
    private readonly DecodeRows _rows = new(passRows);
    private readonly List<Answer> _wanted = []; // whose next logits the pass at work computes
    private readonly List<int> _outputs = []; // their rows
    private readonly SampleQueue _queue = new(groups);
    private int _finished;
    private long _tokens;

    /// <summary>Blocks that answers still hold, of both models; zero once <see cref="Run"/> has returned.</summary>
    internal int BlocksInUse => _pools.Sum(pool => pool.InUse);

    internal void Run(Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var active = new List<Answer>();
        while (_finished < _queue.Total)
        {
            while (active.Count < options.MaxBatch && _queue.Next() is { } group) active.Add(new Answer(new Sequence(group, group.Started++)));
            // Who changes the model in this round goes on in the next one.
            Answer[][] sides = [[.. active.Where(answer => answer.Side == Small)], [.. active.Where(answer => answer.Side == Large)]];
            foreach (int side in (int[])[Small, Large])
            {
                foreach (Answer answer in sides[side]) Feed(answer, side, cancel);
                Pass(side, cancel);
            }

            active.RemoveAll(answer => answer.IsDone);
            progress?.Invoke(new GenerationProgress(
                _finished, _queue.Total, active.Count, _tokens, _tokens / Math.Max(1e-9, watch.Elapsed.TotalSeconds)));
        }
    }

    /// <summary>Lines up all tokens of an answer that a model has not seen: mostly one; after a change, or at first, many.</summary>
    private void Feed(Answer answer, int side, CancellationToken cancel)
    {
        int length = answer.Length, seen = answer.Seen[side]; // a full pass in between may draw the next token already
        answer.Seen[side] = length;
        for (int position = seen; position < length; position++)
        {
            List<int> blocks = answer.Blocks[side];
            if (position == blocks.Count * BlockAttention.BlockSize) blocks.Add(_pools[side].Rent());
            if (position == length - 1)
            {
                _wanted.Add(answer);
                _outputs.Add(_rows.Count);
            }

            _rows.Add(answer[position], position, answer.Table(side));
            if (_rows.Count == _rows.Capacity) Pass(side, cancel);
        }
    }

    /// <summary>Computes what is lined up, and draws a token for every answer whose last one was in it.</summary>
    private void Pass(int side, CancellationToken cancel)
    {
        if (_rows.Count == 0) return;
        cancel.ThrowIfCancellationRequested();
        decoders[side].Reserve(_pools[side].Count);
        var draws = new (Sampler.Draw Draw, double Entropy)[_wanted.Count];
        decoders[side].Run(_rows, [.. _outputs], (first, logits) => DrawRows(first, logits, draws));
        for (int i = 0; i < draws.Length; i++) Take(_wanted[i], side, draws[i].Draw, draws[i].Entropy);
        _rows.Clear();
        _wanted.Clear();
        _outputs.Clear();
    }

    private unsafe void DrawRows(int first, Tensor logits, (Sampler.Draw Draw, double Entropy)[] draws)
    {
        int width = (int)logits.shape[1];
        float* rows = TensorMemory.Floats(logits);
        Workers.For((int)logits.shape[0], row =>
        {
            var own = new ReadOnlySpan<float>(rows + ((nint)row * width), vocabulary);
            draws[first + row] = (_wanted[first + row].Sequence.DrawNext(own, options), EntropyMinimization.Entropy(own));
        });
        GC.KeepAlive(logits);
    }

    private void Take(Answer answer, int side, Sampler.Draw draw, double entropy)
    {
        _tokens++;
        if (side == Large) answer.LargeTokens++;
        Sequence sequence = answer.Sequence;
        if (sequence.Append(draw, stopIds) is { } finish)
        {
            sequence.Group.Rollouts[sequence.Index] = sequence.ToRollout(finish) with { LargeTokens = answer.LargeTokens };
            _finished++;
            answer.IsDone = true;
            for (int s = Small; s <= Large; s++)
            {
                foreach (int block in answer.Blocks[s]) _pools[s].Return(block);
            }

            return;
        }

        answer.Recent.Add(entropy);
        if (answer.Recent.Count < settings.Least) return;
        double mean = answer.Recent.TakeLast(settings.Window).Average();
        if (side == Small ? mean <= settings.Up : mean > settings.Down) return;
        answer.Side = side == Small ? Large : Small;
        answer.Recent.Clear();
    }

    /// <summary>One answer with its two caches.</summary>
    private sealed class Answer(Sequence sequence)
    {
        private readonly int[][] _tables = [[], []];

        public Sequence Sequence => sequence;

        /// <summary>The model that draws the next token.</summary>
        public int Side { get; set; }

        /// <summary>Blocks of each model's cache, in order of position.</summary>
        public List<int>[] Blocks { get; } = [[], []];

        /// <summary>Positions that each model's cache holds.</summary>
        public int[] Seen { get; } = new int[2];

        /// <summary>Entropies of the tokens since the model changed.</summary>
        public List<double> Recent { get; } = [];

        public int LargeTokens { get; set; }

        public bool IsDone { get; set; }

        /// <summary>Tokens of prompt and answer.</summary>
        public int Length => sequence.Group.Request.PromptIds.Length + sequence.Count;

        /// <summary>Token at a position.</summary>
        public int this[int position]
        {
            get
            {
                int[] prompt = sequence.Group.Request.PromptIds;
                return position < prompt.Length ? prompt[position] : sequence[position - prompt.Length];
            }
        }

        /// <summary>The blocks as the decoder wants them; rows of one pass may share it while it is filled.</summary>
        public int[] Table(int side)
        {
            int count = Blocks[side].Count;
            if (_tables[side].Length < count) Array.Resize(ref _tables[side], Math.Max(8, 2 * count));
            _tables[side][count - 1] = Blocks[side][^1];
            return _tables[side];
        }
    }
}
