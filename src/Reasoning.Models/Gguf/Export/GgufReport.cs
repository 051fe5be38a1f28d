using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Export;

/// <summary>What an export wrote and what was checked after writing. An export that fails a check leaves no file.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Type">The type that was asked for.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Tensors">Number of tensors.</param>
/// <param name="PreTokenizer">The value of <c>tokenizer.ggml.pre</c>.</param>
/// <param name="PreTokenizerReason">Why it is that.</param>
/// <param name="Checks">The checklist.</param>
public sealed record GgufReport(
    string File, GgufTensorType Type, long Bytes, int Tensors, string PreTokenizer, string PreTokenizerReason,
    IReadOnlyList<GgufCheck> Checks)
{
    /// <summary>Path of the file that Ollama makes a model from.</summary>
    public string Modelfile { get; init; } = "";

    /// <summary>Commands of a shell that run the file, in llama.cpp and in Ollama.</summary>
    public IReadOnlyList<string> Commands { get; init; } = [];
}

/// <summary>One line of the checklist of an export.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Text">What was found.</param>
/// <param name="IsNote">Whether it is something to know rather than something that was checked.</param>
public sealed record GgufCheck(string Name, string Text, bool IsNote = false);
