using Reasoning.Models.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// From hidden states to logits and back, some rows at a time: the logits of all rows never exist together (after Wijmans et al. 2024,
/// "Cut Your Losses in Large-Vocabulary Language Models", arXiv:2411.09009, with chunks of rows).
/// <code>
/// z = s Wᵀ / τ        dz of any loss, by autograd        ds = dz W / τ        dW = Σ over chunks of dzᵀ s / τ
/// </code>
/// Matrix products take a chunk at once. The loss takes slices of it, small enough for what tensor operations make of them to stay in the
/// processor's cache, and its gradient takes the place of the logits.
/// </summary>
public static class OutputHead
{
    /// <summary>Logits of a chunk, of all branches together (80 MB) …</summary>
    private const long ChunkElements = 20 << 20;

    /// <summary>… but not fewer rows than this, else every chunk pays for streaming the whole weight through few rows …</summary>
    private const int MinRows = 64;

    /// <summary>… and not more than this, since a matrix product is at full speed well before.</summary>
    private const int MaxRows = 8192;

    /// <summary>Logits of a slice on the CPU (2 MB).</summary>
    private const long SliceElements = 1 << 19;

    /// <summary>
    /// Adds the gradients of Σ over rows of a loss to whatever requires one: the weight, and all that the states were computed from.
    /// The loss must be a sum over rows, since it sees some rows at a time.
    /// </summary>
    /// <param name="states">Branches, [n, width] each; one without a gradient is constant, for the weight as well.</param>
    /// <param name="weight">[vocab, width]; gets a gradient only if it requires one.</param>
    /// <param name="loss">The loss [] of some rows, of differentiable logits.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    /// <returns>[] the loss, without a gradient; owned by the caller's scope.</returns>
    public static Tensor Backward(
        Tensor[] states, Tensor weight, Func<LogitRows, Tensor> loss, double temperature = 1, int chunk = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        bool[] learns = [.. states.Select(state => state.requires_grad)];
        Tensor total = zeros(1, dtype: Wide(states[0].dtype), device: states[0].device);
        Tensor?[] gradients = [.. states.Select((state, i) => learns[i] ? empty_like(state) : null)];
        bool weightLearns = weight.requires_grad && learns.Contains(true), isWide = weight.dtype == Wide(weight.dtype);
        // Many chunks add up here: in float32 at least.
        Tensor? sum = !weightLearns ? null : isWide ? Parameters.Gradient(weight) : zeros_like(weight, dtype: Wide(weight.dtype));
        ForEach(states, weight, temperature, chunk, (rows, scaled, logits, wide) =>
        {
            int slice = SliceRows(wide, rows.Count);
            for (int first = 0; first < rows.Count; first += slice)
            {
                using DisposeScope sliceScope = NewDisposeScope();
                int count = Math.Min(slice, rows.Count - first);
                Tensor[] parts = [.. logits.Select((z, i) => Float(z.narrow(0, first, count)).detach().requires_grad_(learns[i]))];
                using (enable_grad())
                {
                    Tensor part = loss(new LogitRows(rows.First + first, parts, sliceScope));
                    if (part.requires_grad) part.backward();
                    total.AddInPlace(part.detach());
                }

                for (int i = 0; i < parts.Length; i++)
                {
                    if (!learns[i]) continue;
                    Tensor place = logits[i].narrow(0, first, count);
                    if (parts[i].grad is { } gradient) place.copy_(gradient);
                    else place.zero_();
                }
            }

            for (int i = 0; i < states.Length; i++)
            {
                if (gradients[i] is not { } gradient) continue;
                gradient.narrow(0, rows.First, rows.Count).addmm_(logits[i], wide, 0, 1);
                if (sum is not null) Product.Add(sum, logits[i], scaled[i]);
            }
        });
        if (sum is not null && !isWide) Parameters.Gradient(weight).AddInPlace(sum.to(weight.dtype));
        if (temperature != 1)
        {
            using Scalar divisor = temperature;
            foreach (Tensor? gradient in gradients) gradient?.div_(divisor);
        }

        if (learns.Contains(true))
            autograd.backward([.. states.Where((_, i) => learns[i])], [.. gradients.OfType<Tensor>()]);
        return total.squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Hands out the logits of all rows, without gradients.</summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="weight">[vocab, width]</param>
    /// <param name="read">Gets some rows at a time, in order.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    public static void Read(Tensor hidden, Tensor weight, Action<LogitRows> read, double temperature = 1, int chunk = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        ForEach([hidden], weight, temperature, chunk, (rows, _, logits, wide) =>
        {
            int slice = SliceRows(wide, rows.Count);
            for (int first = 0; first < rows.Count; first += slice)
            {
                using DisposeScope sliceScope = NewDisposeScope();
                Tensor part = Float(logits[0].narrow(0, first, Math.Min(slice, rows.Count - first)));
                read(new LogitRows(rows.First + first, [part], sliceScope));
            }
        });
    }

    /// <summary>Log-probabilities of targets and entropies, without gradients; owned by the caller's scope.</summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="weight">[vocab, width]</param>
    /// <param name="targets">[n] int64 token ids</param>
    /// <param name="temperature">Divides the logits; both results are of the tempered distribution.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    public static HeadScores Score(Tensor hidden, Tensor weight, Tensor targets, double temperature = 1, int chunk = 0)
    {
        if (targets.dtype != ScalarType.Int64 || targets.ndim != 1 || targets.shape[0] != hidden.shape[0])
            throw new ArgumentException($"Targets must be int64 [{hidden.shape[0]}], got {targets.dtype} [{string.Join(", ", targets.shape)}].");
        Tensor logProb = empty(hidden.shape[0], dtype: Wide(hidden.dtype), device: hidden.device), entropy = empty_like(logProb);
        Read(hidden, weight, rows =>
        {
            Tensor logProbs = rows.LogProbs();
            rows.Keep(logProb, LogitRows.Pick(logProbs, rows.Of(targets)));
            rows.Keep(entropy, LogitRows.Entropy(logProbs));
        }, temperature, chunk);
        return new HeadScores(logProb, entropy);
    }

    /// <summary>
    /// Calls <paramref name="body"/> with each chunk's rows, its tempered states, their logits in buffers that the next chunk uses again, and the
    /// weight in the states' type; nothing is recorded for a gradient.
    /// </summary>
    private static void ForEach(
        Tensor[] states, Tensor weight, double temperature, int chunk, Action<(int First, int Count), Tensor[], Tensor[], Tensor> body)
    {
        long rows = Check(states, weight, temperature), vocab = weight.shape[0];
        using IDisposable noGradient = no_grad();
        int size = (int)Math.Min(rows, chunk > 0 ? chunk : ChunkRows(vocab * states.Length, weight));
        Tensor narrow = weight.detach().to(states[0].dtype);
        Tensor transposed = narrow.t();
        Tensor[] all = [.. states.Select(state => temperature == 1 ? state.detach() : state.detach().DividedBy(temperature))];
        Tensor[] buffers = [.. all.Select(state => empty(size, vocab, dtype: state.dtype, device: state.device))];
        for (int first = 0; first < rows; first += size)
        {
            using DisposeScope scope = NewDisposeScope();
            int count = (int)Math.Min(size, rows - first);
            Tensor[] scaled = [.. all.Select(state => state.narrow(0, first, count))]; // [chunk, width]
            Tensor[] logits = [.. buffers.Select((buffer, i) => buffer.narrow(0, 0, count).addmm_(scaled[i], transposed, 0, 1))]; // [chunk, vocab]
            body((first, count), scaled, logits, narrow);
        }
    }

    /// <summary>Bytes of the logits that exist at once.</summary>
    /// <param name="weight">[vocab, width]</param>
    /// <param name="branches">How many states the loss compares.</param>
    public static long ChunkBytes(Tensor weight, int branches)
    {
        ArgumentNullException.ThrowIfNull(weight);
        long vocab = weight.shape[0] * branches;
        return ChunkRows(vocab, weight) * vocab * weight.element_size();
    }

    private static int ChunkRows(long vocab, Tensor weight) =>
        (int)Math.Clamp((weight.device_type == DeviceType.CPU ? ChunkElements : DeviceBudget.Of(weight).HeadElements) / vocab, MinRows, MaxRows);

    private static int SliceRows(Tensor weight, int chunk) =>
        weight.device_type == DeviceType.CPU ? (int)Math.Max(1, SliceElements / weight.shape[0]) : chunk;

    private static ScalarType Wide(ScalarType type) => type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    private static Tensor Float(Tensor x) => x.to(Wide(x.dtype));

    private static long Check(Tensor[] states, Tensor weight, double temperature)
    {
        long[] h = states[0].shape, w = weight.shape;
        if (h.Length != 2 || w.Length != 2 || h[1] != w[1] || !Array.TrueForAll(states, state => state.shape.AsSpan().SequenceEqual(h)))
        {
            throw new ArgumentException(
                $"The head needs states [n, width] and weight [vocab, width], got "
                + $"{string.Join(", ", states.Select(state => $"[{string.Join(", ", state.shape)}]"))} and [{string.Join(", ", w)}].");
        }

        if (!(temperature > 0) || !double.IsFinite(temperature))
            throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "The temperature is a positive number.");
        return h[0];
    }
}

/// <summary>What the output head says about each row. The caller, or its dispose scope, owns both tensors.</summary>
/// <param name="LogProb">[n] natural logarithm of the target's probability</param>
/// <param name="Entropy">[n] entropy of the row's distribution, in nats</param>
public sealed record HeadScores(Tensor LogProb, Tensor Entropy);
