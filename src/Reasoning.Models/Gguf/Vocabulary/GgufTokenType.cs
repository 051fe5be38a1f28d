namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>The kind of a token; the numbers are those of <c>tokenizer.ggml.token_type</c>.</summary>
internal enum GgufTokenType
{
    Normal = 1,

    /// <summary>Stands for what has no token.</summary>
    Unknown = 2,

    /// <summary>Special: not part of any text.</summary>
    Control = 3,

    /// <summary>Found in a text before it is cut, and part of it.</summary>
    UserDefined = 4,

    /// <summary>A row of the embedding without a token.</summary>
    Unused = 5,

    /// <summary>One byte, spelled <c>&lt;0x0A&gt;</c>.</summary>
    Byte = 6,
}
