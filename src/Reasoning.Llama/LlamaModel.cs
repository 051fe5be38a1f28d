using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;
using Reasoning.Models;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;

namespace Reasoning.Llama;

/// <summary>
/// A GGUF file that answers in llama.cpp. Prompts come as ids, and tokens are drawn by our sampler with our keys: only the logits are
/// llama.cpp's.
/// </summary>
internal sealed class LlamaModel : IRolloutSource, IDisposable
{
    /// <summary>Most bytes of keys and values; fewer sequences run together where more would not fit.</summary>
    private const long CacheBytes = 4L << 30;

    /// <summary>llama.cpp gives each sequence a multiple of this many positions.</summary>
    private const int Granularity = 256;

    private const int PromptTokens = 512;

    private readonly LLamaWeights _weights;
    private readonly string _file;
    private readonly ModelConfig _config;
    private readonly HashSet<int> _stopIds;
    private readonly ComputeDevice _device;
    private readonly bool _isFloat32;

    /// <param name="weights">Belong to this from here on.</param>
    /// <param name="file">Where they come from.</param>
    /// <param name="config">Their form.</param>
    /// <param name="stopIds">Ids that end an answer.</param>
    /// <param name="device">Where they are.</param>
    internal LlamaModel(LLamaWeights weights, string file, ModelConfig config, IEnumerable<int> stopIds, ComputeDevice device)
    {
        (_weights, _file, _config, _device) = (weights, file, config, device);
        _stopIds = [.. stopIds];
        _isFloat32 = weights.Metadata.TryGetValue("general.file_type", out string? type) && type == "0";
    }

    public string Engine => "llama.cpp";

    /// <summary>What runs, and what was chosen for it.</summary>
    internal string Describe() =>
        $"engine    llama.cpp through LLamaSharp on {_device.Name}; keys and values "
            + (_isFloat32 ? "in float32, as the weights are" : "in float16, as llama.cpp does by default");

    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        var groups = requests.Select(request => new SequenceGroup(request, SequenceGroup.LimitOf(request, options, _config))).ToList();
        int total = groups.Sum(group => group.Request.Samples);
        if (total > 0)
        {
            int longest = groups.Max(group => group.Request.PromptIds.Length + group.Limit);
            int capacity = (longest + Granularity - 1) / Granularity * Granularity;
            int places = Places(Math.Min(options.MaxBatch, total), capacity);
            using LLamaContext context = CreateContext(places, capacity);
            new LlamaSession(context.NativeHandle, groups, _stopIds, options, places, Math.Max(PromptTokens, places)).Run(progress, cancel);
        }

        return [.. groups.Select(group => group.Rollouts)];
    }

    public void Dispose() => _weights.Dispose();

    /// <summary>Sequences that run together; one more place keeps the prompt of the group that has not wholly started.</summary>
    private int Places(int wanted, int capacity)
    {
        long perToken = 2L * _config.Layers * _config.KeyValueHeads * _config.HeadDim * (_isFloat32 ? sizeof(float) : sizeof(short));
        long fitting = Math.Min(CacheBytes / (perToken * capacity), NativeApi.llama_max_parallel_sequences()) - 1;
        return (int)Math.Clamp(fitting, 1, wanted);
    }

    private LLamaContext CreateContext(int places, int capacity)
    {
        uint rows = (uint)Math.Max(PromptTokens, places);
        GGMLType type = _isFloat32 ? GGMLType.GGML_TYPE_F32 : GGMLType.GGML_TYPE_F16;
        LLamaContext? context = null;
        try
        {
            context = _weights.CreateContext(new ModelParams(_file)
            {
                Threads = ComputeDevice.Threads,
                BatchThreads = ComputeDevice.Threads,
                ContextSize = checked((uint)((places + 1) * capacity)),
                SeqMax = (uint)(places + 1),
                KVUnified = false,
                BatchSize = rows,
                UBatchSize = rows,
                TypeK = type,
                TypeV = type,
                FlashAttention = _isFloat32 ? false : null,
                NoKqvOffload = _device.IsCpu,
                OpOffload = !_device.IsCpu,
            });
        }
        catch (RuntimeError)
        {
        }

        if (context is { NativeHandle.IsInvalid: false }) return context;
        context?.Dispose();
        throw new UserErrorException(
            $"{_file}: llama.cpp cannot make room for {places} sequences of {capacity} tokens{NativeLog.Tail()}; lower max-new-tokens");
    }
}
