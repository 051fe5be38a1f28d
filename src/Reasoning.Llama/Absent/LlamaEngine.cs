using Reasoning.Models;

namespace Reasoning.Llama;

/// <summary>Runs GGUF files in llama.cpp: not in this build.</summary>
public static class LlamaEngine
{
    /// <summary>File name of the native library; null, as this build has none.</summary>
    public static string? Library => null;

    /// <summary>Refuses.</summary>
    /// <exception cref="UserErrorException">Always.</exception>
    public static void Load(ComputeDevice device) => throw Refusal();

    /// <summary>Refuses.</summary>
    /// <exception cref="UserErrorException">Always.</exception>
    public static (PolicyCodec Codec, IRolloutSource Source) Open(string model, PromptStyle? style, ComputeDevice device, Action<string> say) =>
        throw Refusal();

    private static UserErrorException Refusal() => new(
        $"--engine llama: this program was built with Backend={BuiltBackend.Name}, which has no LLamaSharp; build it with -p:Backend=cpu or "
        + "-p:Backend=cuda (docs/backends.md), or leave --engine away");
}
