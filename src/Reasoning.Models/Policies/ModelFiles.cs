using Reasoning.Models.Chat;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Policies;

/// <summary>The parts of a model, each from a Hugging Face checkpoint folder or from a GGUF file.</summary>
public static class ModelFiles
{
    /// <summary>The tokenizer; of a folder, also from its tokenizer.json by name.</summary>
    /// <exception cref="UserErrorException">
    /// A file is missing or malformed, or asks for something that is not supported; the message names file and field.
    /// </exception>
    public static Tokenizer Tokenizer(string path) =>
        GgufReader.IsGguf(path) ? GgufImport.Tokenizer(path) : Tokenization.Tokenizer.Load(path);

    /// <summary>The model; weights become float32.</summary>
    /// <param name="path">Folder or file.</param>
    /// <param name="cancel">Looked at before each tensor.</param>
    /// <exception cref="UserErrorException">A tensor is missing, unexpected, of another shape, or has values that are not finite.</exception>
    public static CausalLM Model(string path, CancellationToken cancel = default) =>
        GgufReader.IsGguf(path) ? GgufImport.Model(path, cancel) : CausalLM.Load(path, cancel);

    /// <summary>How problems become input, without the weights.</summary>
    /// <exception cref="UserErrorException">A file is missing or malformed, or there is no chat template to use.</exception>
    public static PromptFormat PromptFormat(string path, PromptStyle? style = null) =>
        GgufReader.IsGguf(path) ? GgufChat.Load(path, style) : Chat.PromptFormat.Load(path, Tokenizer(path), style);

    /// <summary>Whether the files say how problems become input.</summary>
    public static bool HasPromptFormat(string path) =>
        GgufReader.IsGguf(path) ? GgufChat.HasPromptTemplate(path) : PromptSettings.ExistIn(path);
}
