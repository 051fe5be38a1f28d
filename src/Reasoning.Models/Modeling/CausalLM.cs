using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using Reasoning.Models.SafeTensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// A decoder-only language model of one of the families that <see cref="ModelConfig.ModelType"/> names. Names of parameters are those of
/// the tensors in a Hugging Face checkpoint. All parameters are frozen until <see cref="Select"/> chooses which of them learn.
/// </summary>
/// <remarks>
/// Output logits are not made here: <see cref="OutputHead"/> takes the rows of <see cref="Hidden(PackedSequences)"/> that matter and
/// <see cref="HeadWeight"/>.
/// </remarks>
public sealed class CausalLM : nn.Module
{
    private readonly DecoderStack _stack;
    private readonly TokenMatrix? _head;

    internal CausalLM(ModelConfig config)
        : base(nameof(CausalLM))
    {
        Config = config;
        RefuseWhatDoesNotFit(config);
        Rotary = new Rotations(config);
        _stack = new DecoderStack(config);
        register_module("model", _stack);
        if (!config.TieWordEmbeddings)
        {
            _head = new TokenMatrix(config.VocabSize, config.HiddenSize);
            register_module("lm_head", _head);
        }
    }

    public ModelConfig Config { get; }

    /// <summary>[vocab, width] weight of the output head; the embedding itself where they are tied.</summary>
    public Parameter HeadWeight => (_head ?? _stack.EmbedTokens).Weight;

    /// <summary>
    /// What the products of linear layers and of the head are computed in, while weights, gradients and everything else stay in their
    /// own type; null for that type.
    /// </summary>
    public ScalarType? Compute
    {
        get;
        set
        {
            field = value;
            foreach ((_, Projection projection) in Projections())
                projection.Compute = value;
        }
    }

    /// <summary>
    /// Whether a pass that is for a gradient keeps only the inputs of each layer, and the backward pass computes the rest again: about a
    /// third more time, much less memory, the same gradients to the bit. Weights must not change between the two.
    /// </summary>
    public bool GradientCheckpointing
    {
        get => _stack.GradientCheckpointing;
        set => _stack.GradientCheckpointing = value;
    }

    /// <summary>
    /// Ends what the model is doing, with an <see cref="OperationCanceledException"/>: looked at before each layer of a pass, and before each
    /// tensor that is written. What a layer, or a backward pass, has begun it finishes.
    /// </summary>
    public CancellationToken Cancellation
    {
        get => _stack.Cancellation;
        set => _stack.Cancellation = value;
    }

    /// <summary>[vocab, width]</summary>
    public Parameter EmbedTokens => _stack.EmbedTokens.Weight;

    public IReadOnlyList<DecoderLayer> Layers => _stack.Layers;

    /// <summary>The norm after the last layer.</summary>
    public Norm FinalNorm => _stack.FinalNorm;

    /// <summary>The types that the weights had in the files they were read from; empty for a model made in memory.</summary>
    public IReadOnlyList<SafeTensorsDType> StoredTypes { get; internal init; } = [];

    /// <inheritdoc cref="CheckpointFiles.Renamed"/>
    public string? Renamed { get; internal init; }

    internal Rotations Rotary { get; }

    /// <summary>
    /// A model with keyed random weights: normal with deviation 0.02, divided by √(2 · layers) for projections back into the residual
    /// stream; norms multiply by one, biases are zero.
    /// </summary>
    public static CausalLM Create(ModelConfig config, ulong seed)
    {
        NativeLibraries.Load();
        config.Validate();
        var model = new CausalLM(config);
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            if (name.EndsWith(".bias", StringComparison.Ordinal))
                Parameters.Values(parameter).Clear();
            else if (parameter.ndim == 1)
                Parameters.Values(parameter).Fill(config.Family.ZeroCenteredNorms ? 0 : 1);
            else
            {
                bool residual = name.EndsWith(".o_proj.weight", StringComparison.Ordinal)
                    || name.EndsWith(".down_proj.weight", StringComparison.Ordinal);
                Parameters.FillGaussian(parameter, residual ? 0.02 / Math.Sqrt(2 * config.Layers) : 0.02, seed, name);
            }
        }

        return model;
    }

    /// <summary>
    /// Reads config.json and the safetensors files of a Hugging Face checkpoint folder; weights become float32.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancel">Looked at before each tensor.</param>
    /// <exception cref="UserErrorException">A tensor is missing, unexpected, of another shape, or has values that are not finite.</exception>
    public static CausalLM Load(string folder, CancellationToken cancel = default)
    {
        NativeLibraries.Load();
        return CheckpointReader.Read(folder, cancel);
    }

    // A file without content takes no room on a disk, whatever length and shapes it claims; tensors do.
    private static void RefuseWhatDoesNotFit(ModelConfig config)
    {
        double parameters = ModelTensor.Of(config).Sum(tensor => tensor.Shape.Aggregate(1.0, (product, size) => product * size));
        double needed = parameters * sizeof(float), there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (needed <= there) return;
        throw new UserErrorException(FormattableString.Invariant(
            $"a model of this shape has {parameters:0} parameters, {needed / (1 << 30):0.0} GiB as float32; this process has {there / (1 << 30):0.0} GiB of memory"));
    }

    /// <summary>
    /// Writes config.json and model.safetensors into an existing folder. Adapters are folded into the written weights; the model
    /// itself keeps them.
    /// </summary>
    /// <param name="folder">Exists.</param>
    /// <param name="dtype">F32, F16 or BF16; values are rounded to nearest.</param>
    /// <param name="shardBytes">Weights that exceed this are split into several files with an index.</param>
    public void Save(
        string folder, SafeTensorsDType dtype = SafeTensorsDType.F32, long shardBytes = CheckpointWriter.DefaultShardBytes) =>
        CheckpointWriter.Write(this, folder, dtype, shardBytes);

    /// <summary>Runs the model over a batch.</summary>
    /// <returns>
    /// [tokens, width] hidden states after the final norm, differentiable, in the type that the head computes in; owned by the caller's
    /// scope.
    /// </returns>
    /// <exception cref="ArgumentException">A token is not in the vocabulary, or a sequence is longer than the model's context.</exception>
    public Tensor Hidden(PackedSequences batch)
    {
        Check(batch);
        using var layout = new SequenceLayout(batch.Offsets);
        return Hidden(batch, layout);
    }

    /// <summary>Runs the model over whole sequences, which attend as the cache lets them; owned by the caller's scope.</summary>
    internal Tensor Hidden(PackedSequences batch, IAttentionCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        Device device = EmbedTokens.device;
        Tensor ids = Transfer.Indices(device, batch.Ids), positions = Transfer.Indices(device, batch.Positions); // [tokens]
        return Hidden(ids, positions, batch.Positions.Max() + 1, cache).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the model over tokens anywhere in their sequences.</summary>
    /// <param name="ids">[tokens] int64</param>
    /// <param name="positions">[tokens] int64</param>
    /// <param name="length">All positions are below.</param>
    /// <param name="cache">What the tokens attend to.</param>
    /// <returns>[tokens, width] after the final norm, in the type that the head computes in; owned by the caller's scope</returns>
    internal Tensor Hidden(Tensor ids, Tensor positions, int length, IAttentionCache cache)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = EmbedTokens;
        RotaryAngles angles = Rotary.Tables(length, weight.dtype, weight.device).At(positions); // [tokens, headDim/2]
        Tensor hidden = _stack.Apply(ids, angles, cache);
        return (Compute is { } compute ? hidden.to(compute) : hidden).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Adds a low-rank adapter to every projection whose last name is one of <paramref name="targets"/> (for example <c>q_proj</c>,
    /// <c>v_proj</c>). The model's output does not change until the adapters learn.
    /// </summary>
    /// <param name="rank">Rank of the update, at least 1.</param>
    /// <param name="alpha">The update is multiplied by alpha / rank.</param>
    /// <param name="targets">Names of projections.</param>
    /// <param name="seed">Key of the random initial values.</param>
    /// <exception cref="UserErrorException">The rank is not positive, or a target names no projection.</exception>
    public void AddLora(int rank, double alpha, IReadOnlyList<string> targets, ulong seed)
    {
        foreach ((string name, Projection projection) in Adapted(rank, targets))
            projection.AddLora(rank, alpha, seed, name);
    }

    /// <summary>
    /// Adds an adapter that begins as the largest singular vectors of each projection's weight, times the roots of their values (PiSSA).
    /// Takes a full singular value decomposition of each. The model's output does not change until the adapters learn.
    /// </summary>
    /// <param name="rank">How many singular values.</param>
    /// <param name="targets">Last names of projections, as for <see cref="AddLora"/>.</param>
    /// <exception cref="UserErrorException">The rank does not fit, or a target names no projection.</exception>
    public void AddPissa(int rank, IReadOnlyList<string> targets)
    {
        foreach ((string name, Projection projection) in Adapted(rank, targets))
        {
            Cancellation.ThrowIfCancellationRequested();
            projection.AddSingular(rank, isSorsa: false, name);
        }
    }

    /// <summary>As <see cref="AddPissa"/>, with the singular values apart from the vectors (SORSA).</summary>
    /// <inheritdoc cref="AddPissa"/>
    public void AddSorsa(int rank, IReadOnlyList<string> targets)
    {
        foreach ((string name, Projection projection) in Adapted(rank, targets))
        {
            Cancellation.ThrowIfCancellationRequested();
            projection.AddSingular(rank, isSorsa: true, name);
        }
    }

    /// <summary>What adapters began as that did not begin as nothing: a checkpoint of them has to have it.</summary>
    public IEnumerable<(string Name, Tensor Values)> AdapterStarts() =>
        Projections().SelectMany(p => p.Projection.Starts.Select(start => ($"{p.Name}.{start.Name}", start.Values)));

    /// <summary>Until the result is disposed of, <see cref="Hidden(PackedSequences)"/> is that of the base model, to the bit.</summary>
    public IDisposable WithoutAdapters() => new AdaptersOff([.. Projections().Select(p => p.Projection)]);

    private List<(string Name, Projection Projection)> Adapted(int rank, IReadOnlyList<string> targets)
    {
        if (rank < 1)
            throw new UserErrorException($"LoRA rank {rank}: must be at least 1");
        List<(string Name, Projection Projection)> all = [.. Projections()];
        foreach (string target in targets)
        {
            if (!all.Exists(p => LastName(p.Name) == target))
            {
                string known = string.Join(", ", all.Select(p => LastName(p.Name)).Distinct());
                throw new UserErrorException($"LoRA target '{target}': no such projection; choose from {known}");
            }
        }

        return [.. all.Where(p => targets.Contains(LastName(p.Name)))];
    }

    /// <summary>Folds all adapters into the weights and removes them.</summary>
    public void MergeLora()
    {
        foreach ((_, Projection projection) in Projections())
            projection.MergeLora();
    }

    /// <summary>
    /// Chooses what learns: parameters of the set get <c>requires_grad</c>, all others lose it, and no work is spent on their gradients.
    /// </summary>
    /// <returns>Name and parameter of the set, in a fixed order. Ask again after moving the model to another device.</returns>
    /// <exception cref="UserErrorException">The set is <see cref="TrainableSet.Lora"/> and there are no adapters.</exception>
    public IReadOnlyList<(string Name, Parameter Parameter)> Select(TrainableSet set)
    {
        var chosen = new List<(string, Parameter)>();
        foreach ((string name, Parameter parameter) in named_parameters())
        {
            bool learns = set switch
            {
                TrainableSet.All => true,
                TrainableSet.Body => name is not (ModelTensor.EmbeddingName or ModelTensor.HeadName),
                TrainableSet.Norms => name.EndsWith("norm.weight", StringComparison.Ordinal),
                _ => Projection.IsAdapter(name),
            };
            parameter.requires_grad = learns;
            if (learns)
                chosen.Add((name, parameter));
        }

        if (chosen.Count == 0)
            throw new UserErrorException("trainable parameters 'lora': the model has no adapters; add them first");
        return chosen;
    }

    /// <summary>
    /// Moves the model as it was loaded, before anything holds its parameters: moving replaces them. What can be cut smaller is sized by
    /// the memory that is left.
    /// </summary>
    public void MoveTo(ComputeDevice device)
    {
        if (device.IsCpu)
            return;
        this.to(device.Device.type, device.Device.index);
        if (DeviceMemory.Of(device) is { } memory)
            DeviceBudget.Fit(HeadWeight, memory.Free);
    }

    internal IEnumerable<(string Name, Projection Projection)> Projections() =>
        named_modules().Where(m => m.module is Projection).Select(m => (m.name, (Projection)m.module));

    /// <inheritdoc cref="Projection.RegisterComponents"/>
    protected override void RegisterComponents()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Rotary.Dispose();
        base.Dispose(disposing);
    }

    private static string LastName(string name) => name[(name.LastIndexOf('.') + 1)..];

    private void Check(PackedSequences batch)
    {
        for (int s = 0; s < batch.Count; s++)
        {
            if (batch.Length(s) > Config.MaxPositions)
                throw new ArgumentException($"Sequence {s} has {batch.Length(s)} tokens, over the model's context of {Config.MaxPositions}.");
        }

        int wrong = Array.FindIndex(batch.Ids, id => (uint)id >= (uint)Config.VocabSize);
        if (wrong >= 0)
            throw new ArgumentException($"Token id {batch.Ids[wrong]} at row {wrong} is not in the vocabulary of {Config.VocabSize}.");
    }

    private sealed class AdaptersOff : IDisposable
    {
        private readonly Projection[] _projections;

        public AdaptersOff(Projection[] projections)
        {
            _projections = projections;
            foreach (Projection projection in _projections) projection.IsAdapterOff = true;
        }

        public void Dispose()
        {
            foreach (Projection projection in _projections) projection.IsAdapterOff = false;
        }
    }
}
