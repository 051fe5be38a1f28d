using Reasoning.Models;

namespace Reasoning.Llama;

/// <summary>Runs GGUF files in llama.cpp: not in this build.</summary>
public static class LlamaEngine
{
    /// <summary>Refuses.</summary>
    /// <exception cref="UserErrorException">Always.</exception>
    public static (PolicyCodec Codec, IRolloutSource Source) Open(string model, PromptStyle? style, ComputeDevice device, Action<string> say) =>
        throw new UserErrorException(
            $"--engine llama: this program was built with Backend={BuiltBackend.Name}, which has no LLamaSharp; build it with -p:Backend=cpu or "
            + "-p:Backend=cuda (docs/backends.md), or leave --engine away");
}
