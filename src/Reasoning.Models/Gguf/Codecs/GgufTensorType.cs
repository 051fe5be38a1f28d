namespace Reasoning.Models.Gguf.Codecs;

/// <summary>How the values of a tensor are stored in a GGUF file; the numbers are the file's own.</summary>
public enum GgufTensorType
{
    /// <summary>IEEE single precision.</summary>
    F32 = 0,

    /// <summary>IEEE half precision.</summary>
    F16 = 1,

    /// <summary>Blocks of 32: a half-precision step and 4-bit levels from -8 to 7.</summary>
    Q4_0 = 2,

    /// <summary>Blocks of 32: a half-precision step and 8-bit levels.</summary>
    Q8_0 = 8,

    /// <summary>Blocks of 256: eight sub-blocks of 32 with 6-bit steps and offsets, and 4-bit levels from 0 to 15.</summary>
    Q4_K = 12,

    /// <summary>Blocks of 256: sixteen sub-blocks of 16 with 8-bit steps, and 6-bit levels. Read, not written.</summary>
    Q6_K = 14,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16 = 30,
}
