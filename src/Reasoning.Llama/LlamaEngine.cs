using LLama;
using LLama.Common;
using LLama.Exceptions;
using LLama.Native;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Policies;

namespace Reasoning.Llama;

/// <summary>Runs GGUF files in llama.cpp, through LLamaSharp.</summary>
public static class LlamaEngine
{
    private static readonly Lock s_loading = new();

    /// <summary>File name of the native library on this system.</summary>
    public static string Library { get; } =
        OperatingSystem.IsWindows() ? "llama.dll" : OperatingSystem.IsMacOS() ? "libllama.dylib" : "libllama.so";

    /// <summary>Loads a file. Its prompts are tokenized here, by our reading of the file, so both engines get the same ids.</summary>
    /// <param name="model">A GGUF file.</param>
    /// <param name="style">How problems become input; null for what the file says.</param>
    /// <param name="device">Where llama.cpp is to compute.</param>
    /// <param name="say">Told once what runs, and how.</param>
    /// <returns>What the file says about prompts, and what answers them; the latter is to be disposed.</returns>
    /// <exception cref="UserErrorException">
    /// It is a checkpoint folder, a damaged file or of a kind one of the two does not know, or llama.cpp cannot be loaded.
    /// </exception>
    public static (PolicyCodec Codec, IRolloutSource Source) Open(string model, PromptStyle? style, ComputeDevice device, Action<string> say)
    {
        if (!GgufReader.IsGguf(model))
        {
            throw new UserErrorException(
                $"--engine llama: {model} is no {GgufReader.Extension} file; write one with reasoning export --model {model} --out "
                + $"FILE{GgufReader.Extension} --type f32 and give it as --model");
        }

        PolicyCodec codec = PolicyCodec.LoadGguf(model, style);
        Load(device);
        LLamaWeights weights;
        try
        {
            weights = LLamaWeights.LoadFromFile(new ModelParams(model)
            {
                GpuLayerCount = device.IsCpu ? 0 : -1,
                MainGpu = Math.Max(0, device.Device.index),
            });
        }
        catch (LoadWeightsFailedException)
        {
            throw new UserErrorException($"{model}: llama.cpp cannot load it{NativeLog.Tail()}");
        }

        if (weights.Vocab.Count != codec.Config.VocabSize)
        {
            int found = weights.Vocab.Count;
            weights.Dispose();
            throw new UserErrorException($"{model}: llama.cpp finds {found} tokens in it, the embedding has {codec.Config.VocabSize} rows");
        }

        var source = new LlamaModel(weights, model, codec.Config, codec.Stops.Select(stop => stop.Id), device);
        say(source.Describe());
        return (codec, source);
    }

    /// <summary>Loads the native library. Which one is decided once in a process; LLamaSharp falls back to the CPU in silence, this does not.</summary>
    /// <exception cref="UserErrorException">It does not load, or cannot compute on the device.</exception>
    public static void Load(ComputeDevice device)
    {
        lock (s_loading)
        {
            if (!NativeLibraryConfig.LLama.LibraryHasLoaded)
                NativeLibraryConfig.All.WithLogCallback(NativeLog.Keep).WithCuda(!device.IsCpu).WithSearchDirectory(NativeLibraries.Folder);
            bool canOffload;
            try
            {
                canOffload = NativeApi.llama_supports_gpu_offload();
            }
            catch (Exception e) when (e is TypeInitializationException or RuntimeError or DllNotFoundException or EntryPointNotFoundException)
            {
                throw new UserErrorException($"--engine llama: the native library of llama.cpp cannot be loaded{NativeLog.Tail()}; see docs/devices.md", e);
            }

            if (!device.IsCpu && !canOffload)
            {
                throw new UserErrorException(
                    $"--engine llama --device {device.Name}: the llama.cpp that was loaded computes on the CPU only{NativeLog.Tail()}; "
                    + "use --device cpu, or see docs/devices.md");
            }
        }
    }
}
